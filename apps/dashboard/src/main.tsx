/** Begins the page. */
import { render } from "preact";
import { App } from "./app.js";
import { keyInAddress, signIn } from "./state/session.js";
import "./styles/index.css";

const token = keyInAddress();
if (token !== null) void signIn(token);
const root = document.querySelector("#app");
if (root !== null) {
  // What the page shows before its script has come.
  root.replaceChildren();
  render(<App />, root);
}
