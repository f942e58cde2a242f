// What an agent should look at twice before a customer reads it: a card number, a foreign link, a demand for a secret. No DOM.

/** @typedef {"card" | "link" | "secret"} Warning */

const RUN = /\d(?:[ -]?\d){12,18}/g;
const LINK =
  /(?:https?:\/\/|www\.)[^\s，。；、）)】》"']+|\b[a-z0-9-]+(?:\.[a-z0-9-]+)*\.(?:com|cn|net|org|top|xyz|io|cc|info|shop|vip|site|online|link|me|app)\b(?:\/[^\s，。；、）)]*)?/gi;
const SECRET = "(?:验证码|校验码|动态码|支付密码|登录密码|交易密码|密码|安全码|CVV2?)";
const ENGLISH_SECRET =
  "(?:(?:verification|security|one-time|sms)\\s+code|passcode|password|pin(?:\\s+code)?|otp|cvv2?)";
const DEMANDS = [
  new RegExp(
    `(?:发|告诉|提供|报|说|给|回复|念|截图)(?!的|过|了)(?:一下|下)?(?:给)?(?:我|我们|客服)?[^。！？!?，,]{0,12}${SECRET}`,
    "i",
  ),
  new RegExp(`${SECRET}[^。！？!?，,]{0,8}(?:发|告诉|报|说|提供|给|念)(?:一下|下|过来|给)?(?:我|我们|客服|过来)`, "i"),
  new RegExp(`${SECRET}(?:是多少|是什么|多少)`, "i"),
  new RegExp(`\\b(?:send|tell|give|share|provide|read|need|what(?:'s| is))\\b[^.!?]{0,30}\\b${ENGLISH_SECRET}\\b`, "i"),
];
const NEGATION = /不要|不用|不需要|不会|请勿|切勿|别|勿|绝不|从不|无需|\b(?:never|not|don't|won't|without)\b/i;

/**
 * The warnings for a text, in a fixed order.
 * @param {string} text
 * @param {readonly string[]} [ownHosts]  links to them are no warning
 * @returns {Warning[]}
 */
export function warningsOf(text, ownHosts = []) {
  /** @type {Warning[]} */
  const found = [];
  if (hasCardNumber(text)) found.push("card");
  if (hasForeignLink(text, ownHosts)) found.push("link");
  if (demandsSecret(text)) found.push("secret");
  return found;
}

/** @param {string} text */
function hasCardNumber(text) {
  return [...text.normalize("NFKC").matchAll(RUN)].some(([run]) => isCardNumber(run.replace(/\D/g, "")));
}

/** The check digit of ISO/IEC 7812-1 (Luhn). A date with an order number, as in 20261122884213, rarely passes. @param {string} digits */
function isCardNumber(digits) {
  if (digits.length < 13 || digits.length > 19 || /^0/.test(digits)) return false;
  let sum = 0;
  for (const [index, digit] of [...digits].reverse().entries()) {
    const value = Number(digit) * (index % 2 ? 2 : 1);
    sum += value > 9 ? value - 9 : value;
  }
  return sum % 10 === 0;
}

/** @param {string} text @param {readonly string[]} ownHosts */
function hasForeignLink(text, ownHosts) {
  return [...text.matchAll(LINK)].some(([link]) => {
    const host = link
      .replace(/^https?:\/\//i, "")
      .split(/[/?#:]/)[0]
      .toLowerCase();
    return !ownHosts.some((own) => host === own || host.endsWith(`.${own}`));
  });
}

/** A sentence that says not to hand out a code is good advice. @param {string} text */
function demandsSecret(text) {
  return text
    .split(/[。！？!?；;\n]/)
    .some((sentence) => DEMANDS.some((demand) => demand.test(sentence)) && !NEGATION.test(sentence));
}
