// Icons of the pages for agents, supervisors and editors. The chat does not load the ones that it has no use for.
import { svg } from "./dom.js";
import { icon as sharedIcon } from "./icons.js";

/** @typedef {keyof typeof PATHS | import("./icons.js").IconName} IconName */

const PATHS = {
  dot: "M12 15.500a3.500 3.500 0 1 0 0-7 3.500 3.500 0 0 0 0 7Z",
  clock: "M12 20.500a8.500 8.500 0 1 0 0-17 8.500 8.500 0 0 0 0 17ZM12 7.500V12l3 2",
  skip: "M7 12h10",
  copy: "M9 9h10.500v10.500H9V9Zm-4.500 6V4.500H15",
  robot:
    "M6 9h12v9.500H6V9Zm6 0V5.500m0 0a1 1 0 1 0 0-2 1 1 0 0 0 0 2ZM9.500 13v1.500m5-1.500v1.500M3.500 12.500v3m17-3v3",
  keyboard: "M3 7h18v10.500H3V7Zm4 4h.01M11 11h.01M15 11h.01M18 11h.01M8 14.500h8",
  plus: "M12 5v14M5 12h14",
  search: "M11 18a7 7 0 1 0 0-14 7 7 0 0 0 0 14Zm5-2 4.500 4.500",
  filter: "M4 6h16M7 12h10M10.500 18h3",
  sound: "M4 10v4h3.500l4.500 4V6l-4.500 4H4Zm11.500-1a4 4 0 0 1 0 6m2.500-8.500a7.500 7.500 0 0 1 0 11",
  mute: "M4 10v4h3.500l4.500 4V6l-4.500 4H4Zm12 0 4 4m0-4-4 4",
  bell: "M6 16.500V11a6 6 0 0 1 12 0v5.500l1.500 1.500h-15L6 16.500Zm4 3.500a2 2 0 0 0 4 0",
  bell_off: "M6 16.500V11a6 6 0 0 1 9-5.200m3 5.200v5.500l1.500 1.500H6m4 2a2 2 0 0 0 4 0M4 4l16 16",
  board: "M4 19.500h16M6.500 16v-5m5.500 5V6m5.500 10V9",
  moving: "M4 12h13m-4.500-5 5 5-5 5M20.500 5v14",
};

/**
 * The icon called `name`.
 * @param {IconName} name
 * @param {Parameters<typeof svg>[1]} [options]
 */
export function icon(name, options) {
  return Object.hasOwn(PATHS, name)
    ? svg(PATHS[/** @type {keyof typeof PATHS} */ (name)], options)
    : sharedIcon(/** @type {import("./icons.js").IconName} */ (name), options);
}
