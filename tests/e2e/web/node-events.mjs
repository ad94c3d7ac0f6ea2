// Sends a page view and a self-describing event with the official Node.js tracker, unmodified.
// Arguments: endpoint, method (get or post), application id. Prints the events that were accepted.
import nodeTracker from "@snowplow/node-tracker";

const { buildPageView, buildSelfDescribingEvent, newTracker } = nodeTracker;
const [endpoint, eventMethod, appId] = process.argv.slice(2);
let accepted = 0;

const tracker = newTracker(
  { namespace: "node", appId, encodeBase64: eventMethod === "get" },
  {
    endpoint,
    eventMethod,
    bufferSize: 1,
    onRequestSuccess: (events) => {
      accepted += events.length;
    },
    onRequestFailure: ({ message, status }) => {
      console.error(`not accepted: ${status} ${message}`);
      process.exit(1);
    },
  },
);
tracker.setUserId("bob");
const context = [{ schema: "iglu:com.example/basket/jsonschema/1-0-0", data: { items: 3 } }];
tracker.track(buildPageView({ pageUrl: "https://shop.example.test/a?b=c", pageTitle: "Shop" }), context);
tracker.track(
  buildSelfDescribingEvent({
    event: { schema: "iglu:com.example/checkout/jsonschema/1-0-0", data: { total: 12.5 } },
  }),
  context,
);
await tracker.flush();
while (accepted < 2) {
  await new Promise((resolve) => setTimeout(resolve, 10));
}
console.log(accepted);
