// Builds what browsers load: the chat widget as one script with parts that it loads later, and each page file, in plain, gzip and Brotli form. A page file that
// imports a package of node_modules is bundled with it; all other page files are served as they are.
//
//   node scripts/build_pages.js PAGES OUT
//
// PAGES is handoff/pages. OUT must not exist; the script writes widget.js, widget-NAME-HASH.js and pages/... into it, each with .gz and .br forms if
// these are smaller. The desk runs it at start when the sources have changed (handoff/runtime/page_build.py).
import { createHash } from "node:crypto";
import { mkdir, readdir, readFile, writeFile } from "node:fs/promises";
import { basename, dirname, extname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { brotliCompress, constants, gzip } from "node:zlib";
import { build, transform } from "esbuild";

const SERVED = new Set([".css", ".html", ".js", ".svg"]);
// Customers load the widget on a phone; the other files are compressed in a few milliseconds each.
const WIDGET_QUALITY = 11;
const PAGE_QUALITY = 6;

const MODULES = fileURLToPath(new URL("../node_modules", import.meta.url));

const toGzip = promisify(gzip);
// promisify picks the overload without options.
const toBrotli = /** @type {(data: Uint8Array, options: import("node:zlib").BrotliOptions) => Promise<Buffer>} */ (
  promisify(brotliCompress)
);

/** The parts of the widget, by the source file: each is built once. @type {Map<string, Promise<{name: string, contents: Uint8Array}>>} */
const parts = new Map();

/**
 * A module that the widget imports dynamically becomes a script of its own, named by its content. It is complete in itself: what it
 * shares with the widget stands in both, so that the widget remains one request.
 * @type {import("esbuild").Plugin}
 */
const WIDGET_PARTS = {
  name: "parts of the widget",
  setup({ onResolve }) {
    onResolve({ filter: /^\.{1,2}\// }, async ({ path, kind, resolveDir }) => {
      if (kind !== "dynamic-import") return undefined;
      const { name } = await widgetPart(join(resolveDir, path));
      return { path: `./${name}`, external: true };
    });
  },
};

// A sheet of the widget is a text of its modules: const NAME_CSS = `...`
const SHEET = /(?<=_CSS = `)[^`]+(?=`)/g;

/**
 * The widget's sheets without spaces and comments.
 * @type {import("esbuild").Plugin}
 */
const WIDGET_SHEETS = {
  name: "sheets of the widget",
  setup({ onLoad }) {
    onLoad({ filter: /-style\.js$/ }, async ({ path }) => {
      let contents = await readFile(path, "utf8");
      for (const [sheet] of contents.matchAll(SHEET)) {
        const { code } = await transform(sheet, { loader: "css", minify: true, charset: "utf8", target: "es2022" });
        contents = contents.replace(sheet, () => code.replaceAll("\\", "\\\\"));
      }
      return { contents, loader: "js" };
    });
  },
};

/** @param {string} source */
function widgetPart(source) {
  const known = parts.get(source);
  if (known) return known;
  const made = bundle(source).then((contents) => {
    const digest = createHash("sha256").update(contents).digest("hex").slice(0, 16);
    const name = basename(source, ".js")
      .replace(/[^a-z]/gi, "_")
      .toLowerCase();
    return { name: `widget-${name}-${digest}.js`, contents };
  });
  parts.set(source, made);
  return made;
}

/**
 * A module and all its imports as one minified module, without its dynamic imports.
 * @param {string} source
 */
async function bundle(source) {
  const { outputFiles } = await build({
    entryPoints: [source],
    bundle: true,
    plugins: [WIDGET_PARTS, WIDGET_SHEETS],
    minify: true,
    format: "esm",
    // Private methods, top-level await and Array.at: browsers since 2022.
    target: "es2022",
    charset: "utf8",
    legalComments: "none",
    logLevel: "silent",
    write: false,
  });
  return outputFiles[0].contents;
}

// "uplot" in `import uPlot from "uplot"` and in `@import "uplot/dist/uPlot.min.css"`: neither a relative nor an absolute address.
const PACKAGE = /(?:^import\s[^;"]*|^@import\s+)"(?![./])[^"]+";/m;

/**
 * Other page modules stay modules of their own, at their addresses: a second copy would have a second state.
 * @type {import("esbuild").Plugin}
 */
const OTHER_PAGE_MODULES = {
  name: "other page modules",
  setup({ onResolve }) {
    onResolve({ filter: /^\.{1,2}\// }, ({ path, kind, resolveDir }) =>
      kind === "entry-point" || resolveDir.startsWith(MODULES) ? undefined : { path, external: true },
    );
  },
};

/**
 * The content that is served for a page file.
 * @param {string} pages
 * @param {string} name  relative to `pages`
 */
async function pageFile(pages, name) {
  const source = await readFile(join(pages, name));
  if (![".css", ".js"].includes(extname(name)) || !PACKAGE.test(source.toString())) return source;
  const { outputFiles } = await build({
    entryPoints: [join(pages, name)],
    bundle: true,
    plugins: [OTHER_PAGE_MODULES],
    nodePaths: [MODULES],
    minify: true,
    format: "esm",
    target: "es2022",
    charset: "utf8",
    legalComments: "inline",
    logLevel: "silent",
    write: false,
  });
  return outputFiles[0].contents;
}

/**
 * Writes a file and its compressed forms.
 * @param {string} file
 * @param {Uint8Array} data
 * @param {number} quality of Brotli, 0 to 11
 */
async function writeForms(file, data, quality) {
  await mkdir(dirname(file), { recursive: true });
  await writeFile(file, data);
  const forms = {
    gz: await toGzip(data, { level: 9 }),
    br: await toBrotli(data, { params: { [constants.BROTLI_PARAM_QUALITY]: quality } }),
  };
  for (const [suffix, packed] of Object.entries(forms))
    if (packed.length < data.length) await writeFile(`${file}.${suffix}`, packed);
}

/**
 * Paths of the served files below `pages`, relative to it.
 * @param {string} pages
 */
async function servedFiles(pages) {
  const names = await readdir(pages, { recursive: true });
  return names.filter((name) => SERVED.has(extname(name)));
}

const [pages, out] = process.argv.slice(2);
try {
  await writeForms(join(out, "widget.js"), await bundle(join(pages, "chat", "widget.js")), WIDGET_QUALITY);
  for (const part of parts.values()) {
    const { name, contents } = await part;
    await writeForms(join(out, name), contents, WIDGET_QUALITY);
  }
  for (const name of await servedFiles(pages))
    await writeForms(join(out, "pages", name), await pageFile(pages, name), PAGE_QUALITY);
} catch (error) {
  // esbuild's message names file, line and reason; its stack names no file of this project.
  console.error(error instanceof Error ? error.message : error);
  process.exitCode = 1;
}
