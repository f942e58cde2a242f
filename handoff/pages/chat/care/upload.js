// Sends one picture. fetch() tells nothing of the progress of an upload, so this is an XMLHttpRequest.
import { isRecord } from "../../shared/contract-types.js";

/** @import { DeskApi } from "../../shared/desk-api.js" */

const TIMEOUT_MS = 120_000;

/**
 * Null when the desk has it; else the desk's words, "" when it could not be reached.
 * @param {object} options
 * @param {DeskApi} options.api
 * @param {string} options.path
 * @param {File} options.file
 * @param {string} options.id  the same id is stored once
 * @param {(percent: number) => void} options.onProgress
 * @param {AbortSignal} options.signal
 * @returns {Promise<string | null>}
 */
export function uploadPicture({ api, path, file, id, onProgress, signal }) {
  return new Promise((resolve) => {
    const request = new XMLHttpRequest();
    request.open("POST", api.endpoint + path);
    request.timeout = TIMEOUT_MS;
    for (const [name, value] of Object.entries(api.options().headers)) request.setRequestHeader(name, value);
    request.upload.addEventListener("progress", ({ loaded, total }) =>
      onProgress(total ? Math.floor((100 * loaded) / total) : 0),
    );
    request.addEventListener("loadend", () =>
      resolve(request.status >= 200 && request.status < 300 ? null : wordsOf(request)),
    );
    signal.addEventListener("abort", () => request.abort(), { once: true });
    const form = new FormData();
    form.append("client_attachment_id", id);
    form.append("file", file, "picture"); // the name may hold what nobody should see
    request.send(form);
  });
}

/** @param {XMLHttpRequest} request */
function wordsOf(request) {
  try {
    const body = JSON.parse(request.responseText);
    return isRecord(body.error) && typeof body.error.message === "string" ? body.error.message : "";
  } catch {
    return ""; // no answer, or a proxy's page
  }
}
