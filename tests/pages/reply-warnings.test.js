// What an agent is asked about before a customer reads it.
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import { warningsOf } from "../../handoff/pages/console/reply-warnings.js";

/** @type {[string, string[]][]} */
const CASES = [
  ["您好，正在核对。", []],
  ["卡号是 6222 0212 3456 7890 128 吗？", ["card"]],
  ["4111-1111-1111-1111", ["card"]],
  ["４１１１１１１１１１１１１１１１", ["card"]],
  ["订单号 20261122884213 已经查到", []],
  ["请拨打 400-800-1234，或 0571-88158815", []],
  ["2026-11-30 10:12:45 到账 200000 元", []],
  ["看这里 https://wallet.example/help", []],
  ["看这里 www.wallet.example 的说明", []],
  ["看这里 https://wallet.example.evil.com/help", ["link"]],
  ["加我 t.me/abc 细说", ["link"]],
  ["下载 http://1.2.3.4/app.apk", ["link"]],
  ["请登录 bank-safe.top 核实", ["link"]],
  ["版本 3.5 起支持，费用 0.1%", []],
  ["把验证码发给我", ["secret"]],
  ["请提供一下支付密码", ["secret"]],
  ["您的短信验证码是多少？", ["secret"]],
  ["麻烦告诉我们收到的校验码", ["secret"]],
  ["不要把验证码发给任何人。", []],
  ["客服不会向您要密码或验证码。", []],
  ["请在「设置 > 账户与安全」修改登录密码和支付密码。", []],
  ["收不到验证码时，请先检查短信拦截。", []],
  ["Please send me the verification code", ["secret"]],
  ["What is your PIN?", ["secret"]],
  ["Never share your password with anyone.", []],
  ["We will send you a verification code", ["secret"]], // asked once too often is better than never
  ["发我验证码，卡号 4111111111111111，见 evil.com", ["card", "link", "secret"]],
];
for (const [text, warnings] of CASES)
  test(`${text}: ${warnings.join(", ") || "nothing"}`, () =>
    assert.deepEqual(warningsOf(text, ["wallet.example"]), warnings));

test("no canned reply of the project asks the agent back", () => {
  const lines = readFileSync(new URL("../../data/canned_replies.yml", import.meta.url), "utf8").split("\n");
  const texts = lines.flatMap((line) => /^ {6}(?:zh|en): "(.*)"$/.exec(line)?.[1] ?? []);
  assert.ok(texts.length > 20);
  assert.deepEqual(
    texts.filter((text) => warningsOf(text, ["wallet.example"]).length),
    [],
  );
});
