// A picture of series over time, drawn by uPlot (bundled when the pages are built). Series differ in shape as well as in
// colour, and the caller puts a table with the same numbers below it.
import uPlot from "uplot";
import { el } from "../shared/dom.js";

/**
 * @typedef {object} PlotSeries
 * @property {string} label
 * @property {string} colour  a custom property of the style sheet, such as "--accent"
 * @property {"bars" | "line" | "dashes" | "points"} shape
 * @property {"left" | "right"} [scale]
 */
/** @typedef {{at: number, words: string}} PlotMark  at: seconds since 1970 */

const HEIGHT_PX = 240;
const STEPS = [1, 2, 3, 6, 7, 12, 14, 28, 56, 112];
const FONT_PX = 12;
const FAMILY = "system-ui, 'PingFang SC', 'Noto Sans CJK SC', sans-serif";

export class TimePlot {
  /** @type {uPlot | null} */
  #plot = null;
  #options;
  /** @type {(number | null)[][]} */
  #data = [];
  /** @type {PlotMark[]} */
  #marks = [];
  #resize;
  #scheme = matchMedia("(prefers-color-scheme: dark)");
  #redraw = () => this.#draw();

  /**
   * @param {object} options
   * @param {PlotSeries[]} options.series
   * @param {(value: number) => string} options.value  a value with its unit
   * @param {(seconds: number) => string} options.time
   * @param {string} options.left  the left axis' label with its unit
   * @param {number} options.step  seconds between two points: the time axis has no finer labels
   * @param {string} [options.right]  the right axis' label
   * @param {number} [options.height]  px
   * @param {number} [options.fontPx]
   */
  constructor(options) {
    this.#options = options;
    this.canvas = el("div", { class: "plot-canvas", role: "img" });
    this.reading = el("p", { class: "plot-reading muted", "aria-hidden": "true" });
    this.legend = el(
      "ul",
      { class: "plot-legend", "aria-hidden": "true" },
      options.series.map(({ label, shape, colour }) =>
        el("li", {}, el("span", { class: `key ${shape}`, data: { colour: colour.slice(2) } }), label),
      ),
    );
    this.node = el("div", { class: "plot" }, this.legend, this.canvas, this.reading);
    this.#resize = new ResizeObserver(() => this.#fit());
    this.#resize.observe(this.canvas);
    this.#scheme.addEventListener("change", this.#redraw);
  }

  close() {
    this.#resize.disconnect();
    this.#scheme.removeEventListener("change", this.#redraw);
    this.#plot?.destroy();
  }

  /**
   * @param {(number | null)[][]} data  times in seconds, then one list for each series
   * @param {string} words  what the picture shows, for those who cannot see it
   * @param {PlotMark[]} [marks]  moments with a name
   */
  update(data, words, marks = []) {
    this.#data = data;
    this.canvas.setAttribute("aria-label", words);
    const isSame = JSON.stringify(marks) === JSON.stringify(this.#marks);
    this.#marks = marks;
    if (this.#plot && isSame) this.#plot.setData(/** @type {uPlot.AlignedData} */ (data));
    else this.#draw();
  }

  #fit() {
    const { clientWidth: width } = this.canvas;
    if (!width) return;
    if (!this.#plot) this.#draw();
    else if (this.#plot.width !== width) this.#plot.setSize({ width, height: this.#height() });
  }

  #height() {
    return this.#options.height ?? HEIGHT_PX;
  }

  #draw() {
    const width = this.canvas.clientWidth;
    if (!width || !this.#data.length) return;
    this.#plot?.destroy();
    const { series, time, left, right, step, fontPx = FONT_PX } = this.#options;
    const font = `${fontPx}px ${FAMILY}`;
    const style = getComputedStyle(this.canvas);
    const colour = (/** @type {string} */ name) => style.getPropertyValue(name).trim();
    /** @param {string} label @param {"left" | "right"} scale @returns {uPlot.Axis} */
    const axis = (label, scale) => ({
      scale,
      side: scale === "left" ? 3 : 1,
      label,
      labelSize: fontPx + 10,
      labelFont: font,
      font,
      size: (_, values) =>
        Math.max(30, ...(values ?? []).map((value) => (widthOf(String(value)) * fontPx) / FONT_PX + 16)),
      stroke: colour("--muted"),
      grid: { show: scale === "left", stroke: colour("--line"), width: 1 },
      ticks: { show: false },
      values: (_, splits) => splits.map((split) => this.#options.value(split)),
      incrs: scale === "left" || right ? [1, 2, 5, 10, 20, 50, 100, 200, 500, 1000, 2000, 5000, 10000] : undefined,
    });
    this.#plot = new uPlot(
      {
        width,
        height: this.#height(),
        legend: { show: false },
        cursor: { y: false, points: { size: 7 }, drag: { x: false, y: false } },
        scales: {
          // Half a step at both ends, so that the first and the last bar are whole.
          x: { time: true, range: (_, least, most) => [least - step / 2, most + step / 2] },
          left: { range: (_, __, most) => [0, Math.max(1, most * 1.1)] },
          right: { range: (_, __, most) => [0, Math.max(1, most * 1.1)] },
        },
        axes: [
          {
            font,
            size: fontPx + 20,
            stroke: colour("--muted"),
            incrs: STEPS.map((factor) => factor * step),
            grid: { show: false },
            ticks: { stroke: colour("--line") },
            values: (_, splits) => splits.map((split) => time(split)),
          },
          axis(left, "left"),
          ...(right ? [axis(right, "right")] : []),
        ],
        series: [{}, ...series.map((each) => this.#series(each, colour))],
        hooks: { setCursor: [(plot) => this.#read(plot)], draw: [(plot) => this.#drawMarks(plot, colour)] },
      },
      /** @type {uPlot.AlignedData} */ (this.#data),
      this.canvas,
    );
  }

  /** @param {PlotSeries} series @param {(name: string) => string} colour @returns {uPlot.Series} */
  #series({ label, colour: name, shape, scale = "left" }, colour) {
    const stroke = colour(name);
    /** @type {uPlot.Series} */
    const base = { label, scale, stroke, width: 2, points: { show: false } };
    if (shape === "bars") return { ...base, width: 0, fill: stroke, paths: uPlot.paths.bars?.({ size: [0.7, 28] }) };
    if (shape === "dashes") return { ...base, dash: [6, 4] };
    if (shape === "points") return { ...base, points: { show: true, size: 6, fill: stroke } };
    return { ...base, fill: `color-mix(in srgb, ${stroke} 14%, transparent)` };
  }

  /** The values under the cursor. @param {uPlot} plot */
  #read(plot) {
    const index = plot.cursor.idx;
    if (index === null || index === undefined) {
      this.reading.textContent = "";
      return;
    }
    const { series, time, value } = this.#options;
    const parts = series.map(({ label }, each) => {
      const found = this.#data[each + 1][index];
      return `${label} ${found === null || found === undefined ? "–" : value(found)}`;
    });
    this.reading.textContent = [time(Number(this.#data[0][index])), ...parts].join(" · ");
  }

  /** @param {uPlot} plot @param {(name: string) => string} colour */
  #drawMarks(plot, colour) {
    const { ctx, bbox } = plot;
    ctx.save();
    ctx.strokeStyle = colour("--muted");
    ctx.fillStyle = colour("--ink");
    ctx.lineWidth = devicePixelRatio;
    ctx.setLineDash([2 * devicePixelRatio, 3 * devicePixelRatio]);
    ctx.font = `${11 * devicePixelRatio}px system-ui, sans-serif`;
    for (const { at, words } of this.#marks) {
      const x = plot.valToPos(at, "x", true);
      if (x < bbox.left || x > bbox.left + bbox.width) continue;
      ctx.beginPath();
      ctx.moveTo(x, bbox.top);
      ctx.lineTo(x, bbox.top + bbox.height);
      ctx.stroke();
      ctx.fillText(words, x + 4 * devicePixelRatio, bbox.top + 12 * devicePixelRatio);
    }
    ctx.restore();
  }
}

/** About how wide an axis label is, in px: Chinese characters are square. @param {string} text */
const widthOf = (text) => [...text].reduce((sum, letter) => sum + ((letter.codePointAt(0) ?? 0) > 0x2e7f ? 12 : 7), 0);
