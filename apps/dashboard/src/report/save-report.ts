/** Saves what is shown of a report as one HTML file that needs nothing else. */
import { saveFile } from "./save.js";

/** The file's own policy permits no script, whatever is in it. */
const HEAD = [
  '<meta charset="utf-8">',
  "<meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; style-src 'unsafe-inline'\">",
  '<meta name="viewport" content="width=device-width, initial-scale=1">',
  "<title>Incident report</title>",
  "<style>body{font:16px/1.5 system-ui,sans-serif;max-width:60rem;margin:2rem auto;padding:0 1rem;overflow-wrap:anywhere}table{border-collapse:collapse;width:100%}th,td{text-align:left;vertical-align:top;padding:.3rem .6rem .3rem 0;border-bottom:1px solid #bbb}code,.code{font-family:monospace}pre{white-space:pre-wrap;overflow-wrap:anywhere;font-size:.75em}.badge{font-weight:600}dt{color:#444}dd{margin:0 0 .3rem}tr{break-inside:avoid}tr:has(+ .beside){break-after:avoid}tr:has(+ .beside)>td{border-bottom:0}.beside ul{margin:0}</style>",
].join("\n");

/** Saves an element of the page: its text as the browser escapes it. */
export const saveReport = (element: HTMLElement): void =>
  saveFile(
    "incident-report.html",
    "text/html;charset=utf-8",
    `<!doctype html>\n<html lang="en">\n<head>\n${HEAD}\n</head>\n<body>\n${element.outerHTML}\n</body>\n</html>\n`,
  );
