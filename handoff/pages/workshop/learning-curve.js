// The learning curve: accuracy on sentences that nobody confirmed, by the number of confirmed ones; as a picture and as a table.
import { el, svg } from "../shared/dom.js";
import { curveOf } from "./curve-model.js";

/** @import { Say } from "../words/speaker.js" */
/** @import { CurvePoint } from "./curve-model.js" */

const SVG = "http://www.w3.org/2000/svg";

/** @param {readonly CurvePoint[]} points @param {Say} say */
export function learningCurve(points, say) {
  const curve = curveOf(points);
  if (!curve) return el("p", { class: "muted", testid: "curve-none" }, say("curve.none"));
  const percent = (/** @type {number} */ share) =>
    new Intl.NumberFormat(say.tag, { style: "percent", minimumFractionDigits: 1 }).format(share);
  const first = points[0];
  const last = points[points.length - 1];
  const picture = svg(curve.inbox, { size: 24 });
  picture.classList.add("curve-picture");
  picture.setAttribute("viewBox", `0 0 ${curve.width} ${curve.height}`);
  picture.removeAttribute("width");
  picture.removeAttribute("height");
  picture.setAttribute("stroke-width", "2.5");
  if (curve.random) {
    const other = document.createElementNS(SVG, "path");
    other.setAttribute("d", curve.random);
    other.setAttribute("class", "curve-random");
    picture.append(other);
  }
  return el(
    "figure",
    { class: "curve", testid: "curve" },
    picture,
    el(
      "figcaption",
      {},
      say("curve.words", last.n - first.n, percent(first.accuracy), percent(last.accuracy)),
      curve.random ? el("span", { class: "muted" }, say("curve.random")) : null,
    ),
    el(
      "details",
      {},
      el("summary", {}, say("curve.numbers")),
      el(
        "table",
        {},
        el(
          "thead",
          {},
          el(
            "tr",
            {},
            [say("curve.n"), say("curve.inbox"), ...(curve.random ? [say("curve.other")] : [])].map((words) =>
              el("th", { scope: "col" }, words),
            ),
          ),
        ),
        el(
          "tbody",
          {},
          points.map(({ n, accuracy, random_accuracy }) =>
            el(
              "tr",
              {},
              el("td", {}, String(n)),
              el("td", {}, percent(accuracy)),
              curve.random ? el("td", {}, random_accuracy == null ? "–" : percent(random_accuracy)) : null,
            ),
          ),
        ),
      ),
    ),
  );
}
