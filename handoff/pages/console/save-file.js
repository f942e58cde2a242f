// Saves a file that the desk makes.
import { DeskError, errorOf } from "../shared/desk-api.js";
import { el } from "../shared/dom.js";

/** @import { DeskApi } from "../shared/desk-api.js" */

const TIMEOUT_MS = 120_000; // a long log is packed and hashed

/**
 * Throws DeskError.
 * @param {DeskApi} api
 * @param {string} path
 * @param {string} name  of the file
 */
export async function saveFile(api, path, name) {
  const clock = AbortSignal.timeout(TIMEOUT_MS);
  let blob;
  try {
    const options = {
      ...api.options({ "Content-Type": "application/json" }),
      method: "POST",
      body: "{}",
      signal: clock,
    };
    const response = await fetch(api.endpoint + path, options);
    if (!response.ok) throw await errorOf(response);
    blob = await response.blob();
  } catch (error) {
    throw error instanceof DeskError ? error : new DeskError(0, "network", String(error));
  }
  const address = URL.createObjectURL(blob);
  const link = el("a", { href: address, download: name, hidden: true });
  document.body.append(link);
  link.click();
  link.remove();
  setTimeout(() => URL.revokeObjectURL(address), TIMEOUT_MS);
}
