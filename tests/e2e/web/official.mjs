// A page's function over the module API of the official browser tracker: it answers the queue of
// the usual snippet, so that a page can load the tracker as a classic script.
import * as api from "@snowplow/browser-tracker";

const name = window.GlobalSnowplowNamespace.shift();
const trackers = {};

function run([method, ...rest]) {
  if (typeof method === "function") method.apply(trackers, rest);
  else if (method === "newTracker") trackers[rest[0]] = api.newTracker(...rest);
  else if (method === "addPlugin") api.addPlugin({ plugin: rest[0][rest[1]]() });
  else api[method]?.(...rest);
}

const waiting = window[name].q;
window[name].q = { push: (...calls) => calls.forEach(run) };
waiting.forEach(run);
