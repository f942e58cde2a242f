// The lines of a learning curve in a picture of a fixed size.

/** @typedef {{n: number, accuracy: number, random_accuracy?: number | null}} CurvePoint  accuracies: 0 to 1 */

const WIDTH = 280;
const HEIGHT = 120;
const EDGE = 6;

/**
 * The paths of both lines; null with fewer than two points. `random` is "" when fewer than two points have that accuracy.
 * @param {readonly CurvePoint[]} points  in the order of n
 */
export function curveOf(points) {
  if (points.length < 2) return null;
  const values = points.flatMap(({ accuracy, random_accuracy }) => [accuracy, random_accuracy ?? accuracy]);
  const [least, most] = [Math.min(...values), Math.max(...values)];
  const [from, to] = [points[0].n, points[points.length - 1].n];
  const x = (/** @type {number} */ n) => EDGE + ((n - from) / Math.max(to - from, 1)) * (WIDTH - 2 * EDGE);
  const y = (/** @type {number} */ value) =>
    HEIGHT - EDGE - ((value - least) / Math.max(most - least, 0.01)) * (HEIGHT - 2 * EDGE);
  const path = (/** @type {[number, number][]} */ line) =>
    line.length < 2
      ? ""
      : line.map(([n, value], index) => `${index ? "L" : "M"}${x(n).toFixed(1)} ${y(value).toFixed(1)}`).join(" ");
  return {
    width: WIDTH,
    height: HEIGHT,
    inbox: path(points.map(({ n, accuracy }) => [n, accuracy])),
    random: path(
      points.flatMap(({ n, random_accuracy }) =>
        random_accuracy == null ? [] : [/** @type {[number, number]} */ ([n, random_accuracy])],
      ),
    ),
  };
}
