var tracker = (() => {
  var __defProp = Object.defineProperty;
  var __getOwnPropDesc = Object.getOwnPropertyDescriptor;
  var __getOwnPropNames = Object.getOwnPropertyNames;
  var __hasOwnProp = Object.prototype.hasOwnProperty;
  var __export = (target, all) => {
    for (var name in all)
      __defProp(target, name, { get: all[name], enumerable: true });
  };
  var __copyProps = (to, from, except, desc) => {
    if (from && typeof from === "object" || typeof from === "function") {
      for (let key of __getOwnPropNames(from))
        if (!__hasOwnProp.call(to, key) && key !== except)
          __defProp(to, key, { get: () => from[key], enumerable: !(desc = __getOwnPropDesc(from, key)) || desc.enumerable });
    }
    return to;
  };
  var __toCommonJS = (mod) => __copyProps(__defProp({}, "__esModule", { value: true }), mod);

  // <stdin>
  var stdin_exports = {};
  __export(stdin_exports, {
    SharedState: () => SharedState,
    addGlobalContexts: () => addGlobalContexts,
    addPlugin: () => addPlugin,
    clearGlobalContexts: () => clearGlobalContexts,
    clearUserData: () => clearUserData,
    crossDomainLinker: () => crossDomainLinker,
    disableActivityTracking: () => disableActivityTracking,
    disableActivityTrackingCallback: () => disableActivityTrackingCallback,
    disableAnonymousTracking: () => disableAnonymousTracking,
    discardBrace: () => discardBrace,
    discardHashTag: () => discardHashTag,
    enableActivityTracking: () => enableActivityTracking,
    enableActivityTrackingCallback: () => enableActivityTrackingCallback,
    enableAnonymousTracking: () => enableAnonymousTracking,
    flushBuffer: () => flushBuffer,
    getDomainSessionId: () => getDomainSessionId,
    newSession: () => newSession,
    newTracker: () => newTracker,
    preservePageViewId: () => preservePageViewId,
    removeGlobalContexts: () => removeGlobalContexts,
    setBufferSize: () => setBufferSize,
    setCollectorUrl: () => setCollectorUrl,
    setCookiePath: () => setCookiePath,
    setCustomUrl: () => setCustomUrl,
    setDocumentTitle: () => setDocumentTitle,
    setOptOutCookie: () => setOptOutCookie,
    setReferrerUrl: () => setReferrerUrl,
    setUserId: () => setUserId,
    setUserIdFromCookie: () => setUserIdFromCookie,
    setUserIdFromLocation: () => setUserIdFromLocation,
    setUserIdFromReferrer: () => setUserIdFromReferrer,
    setVisitorCookieTimeout: () => setVisitorCookieTimeout,
    trackPageView: () => trackPageView,
    trackSelfDescribingEvent: () => trackSelfDescribingEvent,
    trackStructEvent: () => trackStructEvent,
    updatePageActivity: () => updatePageActivity,
    version: () => version
  });

  // node_modules/tslib/tslib.es6.mjs
  var __assign = function() {
    __assign = Object.assign || function __assign2(t) {
      for (var s, i = 1, n = arguments.length; i < n; i++) {
        s = arguments[i];
        for (var p in s) if (Object.prototype.hasOwnProperty.call(s, p)) t[p] = s[p];
      }
      return t;
    };
    return __assign.apply(this, arguments);
  };
  function __awaiter(thisArg, _arguments, P, generator) {
    function adopt(value) {
      return value instanceof P ? value : new P(function(resolve) {
        resolve(value);
      });
    }
    return new (P || (P = Promise))(function(resolve, reject) {
      function fulfilled(value) {
        try {
          step(generator.next(value));
        } catch (e) {
          reject(e);
        }
      }
      function rejected(value) {
        try {
          step(generator["throw"](value));
        } catch (e) {
          reject(e);
        }
      }
      function step(result) {
        result.done ? resolve(result.value) : adopt(result.value).then(fulfilled, rejected);
      }
      step((generator = generator.apply(thisArg, _arguments || [])).next());
    });
  }
  function __generator(thisArg, body) {
    var _ = { label: 0, sent: function() {
      if (t[0] & 1) throw t[1];
      return t[1];
    }, trys: [], ops: [] }, f, y, t, g = Object.create((typeof Iterator === "function" ? Iterator : Object).prototype);
    return g.next = verb(0), g["throw"] = verb(1), g["return"] = verb(2), typeof Symbol === "function" && (g[Symbol.iterator] = function() {
      return this;
    }), g;
    function verb(n) {
      return function(v) {
        return step([n, v]);
      };
    }
    function step(op) {
      if (f) throw new TypeError("Generator is already executing.");
      while (g && (g = 0, op[0] && (_ = 0)), _) try {
        if (f = 1, y && (t = op[0] & 2 ? y["return"] : op[0] ? y["throw"] || ((t = y["return"]) && t.call(y), 0) : y.next) && !(t = t.call(y, op[1])).done) return t;
        if (y = 0, t) op = [op[0] & 2, t.value];
        switch (op[0]) {
          case 0:
          case 1:
            t = op;
            break;
          case 4:
            _.label++;
            return { value: op[1], done: false };
          case 5:
            _.label++;
            y = op[1];
            op = [0];
            continue;
          case 7:
            op = _.ops.pop();
            _.trys.pop();
            continue;
          default:
            if (!(t = _.trys, t = t.length > 0 && t[t.length - 1]) && (op[0] === 6 || op[0] === 2)) {
              _ = 0;
              continue;
            }
            if (op[0] === 3 && (!t || op[1] > t[0] && op[1] < t[3])) {
              _.label = op[1];
              break;
            }
            if (op[0] === 6 && _.label < t[1]) {
              _.label = t[1];
              t = op;
              break;
            }
            if (t && _.label < t[2]) {
              _.label = t[2];
              _.ops.push(op);
              break;
            }
            if (t[2]) _.ops.pop();
            _.trys.pop();
            continue;
        }
        op = body.call(thisArg, _);
      } catch (e) {
        op = [6, e];
        y = 0;
      } finally {
        f = t = 0;
      }
      if (op[0] & 5) throw op[1];
      return { value: op[0] ? op[1] : void 0, done: true };
    }
  }
  function __spreadArray(to, from, pack) {
    if (pack || arguments.length === 2) for (var i = 0, l = from.length, ar; i < l; i++) {
      if (ar || !(i in from)) {
        if (!ar) ar = Array.prototype.slice.call(from, 0, i);
        ar[i] = from[i];
      }
    }
    return to.concat(ar || Array.prototype.slice.call(from));
  }

  // node_modules/uuid/dist/esm-browser/stringify.js
  var byteToHex = [];
  for (let i = 0; i < 256; ++i) {
    byteToHex.push((i + 256).toString(16).slice(1));
  }
  function unsafeStringify(arr, offset = 0) {
    return (byteToHex[arr[offset + 0]] + byteToHex[arr[offset + 1]] + byteToHex[arr[offset + 2]] + byteToHex[arr[offset + 3]] + "-" + byteToHex[arr[offset + 4]] + byteToHex[arr[offset + 5]] + "-" + byteToHex[arr[offset + 6]] + byteToHex[arr[offset + 7]] + "-" + byteToHex[arr[offset + 8]] + byteToHex[arr[offset + 9]] + "-" + byteToHex[arr[offset + 10]] + byteToHex[arr[offset + 11]] + byteToHex[arr[offset + 12]] + byteToHex[arr[offset + 13]] + byteToHex[arr[offset + 14]] + byteToHex[arr[offset + 15]]).toLowerCase();
  }

  // node_modules/uuid/dist/esm-browser/rng.js
  var getRandomValues;
  var rnds8 = new Uint8Array(16);
  function rng() {
    if (!getRandomValues) {
      if (typeof crypto === "undefined" || !crypto.getRandomValues) {
        throw new Error("crypto.getRandomValues() not supported. See https://github.com/uuidjs/uuid#getrandomvalues-not-supported");
      }
      getRandomValues = crypto.getRandomValues.bind(crypto);
    }
    return getRandomValues(rnds8);
  }

  // node_modules/uuid/dist/esm-browser/native.js
  var randomUUID = typeof crypto !== "undefined" && crypto.randomUUID && crypto.randomUUID.bind(crypto);
  var native_default = { randomUUID };

  // node_modules/uuid/dist/esm-browser/v4.js
  function v4(options, buf, offset) {
    if (native_default.randomUUID && !buf && !options) {
      return native_default.randomUUID();
    }
    options = options || {};
    const rnds = options.random ?? options.rng?.() ?? rng();
    if (rnds.length < 16) {
      throw new Error("Random bytes length must be >= 16");
    }
    rnds[6] = rnds[6] & 15 | 64;
    rnds[8] = rnds[8] & 63 | 128;
    if (buf) {
      offset = offset || 0;
      if (offset < 0 || offset + 16 > buf.length) {
        throw new RangeError(`UUID byte range ${offset}:${offset + 15} is out of buffer bounds`);
      }
      for (let i = 0; i < 16; ++i) {
        buf[offset + i] = rnds[i];
      }
      return buf;
    }
    return unsafeStringify(rnds);
  }
  var v4_default = v4;

  // node_modules/@snowplow/tracker-core/dist/index.module.js
  var version$1 = "4.10.1";
  function base64urldecode(data) {
    if (!data) {
      return data;
    }
    var padding = 4 - data.length % 4;
    switch (padding) {
      case 2:
        data += "==";
        break;
      case 3:
        data += "=";
        break;
    }
    var b64Data = data.replace(/-/g, "+").replace(/_/g, "/");
    return base64decode(b64Data);
  }
  function base64urlencode(data) {
    if (!data) {
      return data;
    }
    var enc = base64encode(data);
    return enc.replace(/=/g, "").replace(/\+/g, "-").replace(/\//g, "_");
  }
  var b64 = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/=";
  function base64encode(data) {
    var o1, o2, o3, h1, h2, h3, h4, bits, i = 0, ac = 0;
    var tmp_arr = [];
    if (!data) {
      return data;
    }
    data = unescape(encodeURIComponent(data));
    do {
      o1 = data.charCodeAt(i++);
      o2 = data.charCodeAt(i++);
      o3 = data.charCodeAt(i++);
      bits = o1 << 16 | o2 << 8 | o3;
      h1 = bits >> 18 & 63;
      h2 = bits >> 12 & 63;
      h3 = bits >> 6 & 63;
      h4 = bits & 63;
      tmp_arr[ac++] = b64.charAt(h1) + b64.charAt(h2) + b64.charAt(h3) + b64.charAt(h4);
    } while (i < data.length);
    var enc = tmp_arr.join("");
    var r = data.length % 3;
    return (r ? enc.slice(0, r - 3) : enc) + "===".slice(r || 3);
  }
  function base64decode(encodedData) {
    var decodeUTF8string = function(str) {
      return decodeURIComponent(str.split("").map(function(c) {
        return "%" + ("00" + c.charCodeAt(0).toString(16)).slice(-2);
      }).join(""));
    };
    var o1, o2, o3, h1, h2, h3, h4, bits, i = 0, ac = 0, dec = "";
    var tmpArr = [];
    if (!encodedData) {
      return encodedData;
    }
    encodedData += "";
    do {
      h1 = b64.indexOf(encodedData.charAt(i++));
      h2 = b64.indexOf(encodedData.charAt(i++));
      h3 = b64.indexOf(encodedData.charAt(i++));
      h4 = b64.indexOf(encodedData.charAt(i++));
      bits = h1 << 18 | h2 << 12 | h3 << 6 | h4;
      o1 = bits >> 16 & 255;
      o2 = bits >> 8 & 255;
      o3 = bits & 255;
      if (h3 === 64) {
        tmpArr[ac++] = String.fromCharCode(o1);
      } else if (h4 === 64) {
        tmpArr[ac++] = String.fromCharCode(o1, o2);
      } else {
        tmpArr[ac++] = String.fromCharCode(o1, o2, o3);
      }
    } while (i < encodedData.length);
    dec = tmpArr.join("");
    return decodeUTF8string(dec.replace(/\0+$/, ""));
  }
  function payloadBuilder() {
    var dict = {}, allJson = [], jsonForProcessing = [], contextEntitiesForProcessing = [];
    var processor;
    var add = function(key, value) {
      if (value != null && value !== "") {
        dict[key] = value;
      }
    };
    var addDict = function(dict2) {
      for (var key in dict2) {
        if (Object.prototype.hasOwnProperty.call(dict2, key)) {
          add(key, dict2[key]);
        }
      }
    };
    var addJson = function(keyIfEncoded, keyIfNotEncoded, json) {
      if (json && isNonEmptyJson(json)) {
        var jsonWithKeys = { keyIfEncoded, keyIfNotEncoded, json };
        jsonForProcessing.push(jsonWithKeys);
        allJson.push(jsonWithKeys);
      }
    };
    var addContextEntity = function(entity) {
      contextEntitiesForProcessing.push(entity);
    };
    return {
      add,
      addDict,
      addJson,
      addContextEntity,
      getPayload: function() {
        return dict;
      },
      getJson: function() {
        return allJson;
      },
      withJsonProcessor: function(jsonProcessor) {
        processor = jsonProcessor;
      },
      build: function() {
        processor === null || processor === void 0 ? void 0 : processor(this, jsonForProcessing, contextEntitiesForProcessing);
        return dict;
      }
    };
  }
  function payloadJsonProcessor(encodeBase64) {
    return function(payloadBuilder2, jsonForProcessing, contextEntitiesForProcessing) {
      var add = function(json2, keyIfEncoded, keyIfNotEncoded) {
        var str = JSON.stringify(json2);
        if (encodeBase64) {
          payloadBuilder2.add(keyIfEncoded, base64urlencode(str));
        } else {
          payloadBuilder2.add(keyIfNotEncoded, str);
        }
      };
      var getContextFromPayload = function() {
        var payload = payloadBuilder2.getPayload();
        if (encodeBase64 ? payload.cx : payload.co) {
          return JSON.parse(encodeBase64 ? base64urldecode(payload.cx) : payload.co);
        }
        return void 0;
      };
      var combineContexts = function(originalContext, newContext2) {
        var context2 = originalContext || getContextFromPayload();
        if (context2) {
          context2.data = context2.data.concat(newContext2.data);
        } else {
          context2 = newContext2;
        }
        return context2;
      };
      var context = void 0;
      for (var _i = 0, jsonForProcessing_1 = jsonForProcessing; _i < jsonForProcessing_1.length; _i++) {
        var json = jsonForProcessing_1[_i];
        if (json.keyIfEncoded === "cx") {
          context = combineContexts(context, json.json);
        } else {
          add(json.json, json.keyIfEncoded, json.keyIfNotEncoded);
        }
      }
      jsonForProcessing.length = 0;
      if (contextEntitiesForProcessing.length) {
        var newContext = {
          schema: "iglu:com.snowplowanalytics.snowplow/contexts/jsonschema/1-0-0",
          data: __spreadArray([], contextEntitiesForProcessing, true)
        };
        context = combineContexts(context, newContext);
        contextEntitiesForProcessing.length = 0;
      }
      if (context) {
        add(context, "cx", "co");
      }
    };
  }
  function isNonEmptyJson(property) {
    if (!isJson(property)) {
      return false;
    }
    for (var key in property) {
      if (Object.prototype.hasOwnProperty.call(property, key)) {
        return true;
      }
    }
    return false;
  }
  function isJson(property) {
    return typeof property !== "undefined" && property !== null && (property.constructor === {}.constructor || property.constructor === [].constructor);
  }
  var label = "Snowplow: ";
  var LOG_LEVEL;
  (function(LOG_LEVEL2) {
    LOG_LEVEL2[LOG_LEVEL2["none"] = 0] = "none";
    LOG_LEVEL2[LOG_LEVEL2["error"] = 1] = "error";
    LOG_LEVEL2[LOG_LEVEL2["warn"] = 2] = "warn";
    LOG_LEVEL2[LOG_LEVEL2["debug"] = 3] = "debug";
    LOG_LEVEL2[LOG_LEVEL2["info"] = 4] = "info";
  })(LOG_LEVEL || (LOG_LEVEL = {}));
  var LOG = logger();
  function logger(logLevel) {
    if (logLevel === void 0) {
      logLevel = LOG_LEVEL.warn;
    }
    function setLogLevel(level) {
      if (LOG_LEVEL[level]) {
        logLevel = level;
      } else {
        logLevel = LOG_LEVEL.warn;
      }
    }
    function error(message, error2) {
      var extraParams = [];
      for (var _i = 2; _i < arguments.length; _i++) {
        extraParams[_i - 2] = arguments[_i];
      }
      if (logLevel >= LOG_LEVEL.error && typeof console !== "undefined") {
        var logMsg = label + message + "\n";
        if (error2) {
          console.error.apply(console, __spreadArray([logMsg + "\n", error2], extraParams, false));
        } else {
          console.error.apply(console, __spreadArray([logMsg], extraParams, false));
        }
      }
    }
    function warn(message, error2) {
      var extraParams = [];
      for (var _i = 2; _i < arguments.length; _i++) {
        extraParams[_i - 2] = arguments[_i];
      }
      if (logLevel >= LOG_LEVEL.warn && typeof console !== "undefined") {
        var logMsg = label + message;
        if (error2) {
          console.warn.apply(console, __spreadArray([logMsg + "\n", error2], extraParams, false));
        } else {
          console.warn.apply(console, __spreadArray([logMsg], extraParams, false));
        }
      }
    }
    function debug(message) {
      var extraParams = [];
      for (var _i = 1; _i < arguments.length; _i++) {
        extraParams[_i - 1] = arguments[_i];
      }
      if (logLevel >= LOG_LEVEL.debug && typeof console !== "undefined") {
        console.debug.apply(console, __spreadArray([label + message], extraParams, false));
      }
    }
    function info(message) {
      var extraParams = [];
      for (var _i = 1; _i < arguments.length; _i++) {
        extraParams[_i - 1] = arguments[_i];
      }
      if (logLevel >= LOG_LEVEL.info && typeof console !== "undefined") {
        console.info.apply(console, __spreadArray([label + message], extraParams, false));
      }
    }
    return { setLogLevel, warn, error, debug, info };
  }
  function globalContexts() {
    var globalPrimitives = [];
    var conditionalProviders = [];
    var namedPrimitives = {};
    var namedConditionalProviders = {};
    var assembleAllContexts = function(event) {
      var eventSchema = getUsefulSchema(event);
      var eventType = getEventType(event);
      var contexts = [];
      var generatedPrimitives = generatePrimitives(globalPrimitives.concat(Object.values(namedPrimitives)), event, eventType, eventSchema);
      contexts.push.apply(contexts, generatedPrimitives);
      var generatedConditionals = generateConditionals(conditionalProviders.concat(Object.values(namedConditionalProviders)), event, eventType, eventSchema);
      contexts.push.apply(contexts, generatedConditionals);
      return contexts;
    };
    return {
      getGlobalPrimitives: function() {
        return globalPrimitives.concat(Object.values(namedPrimitives));
      },
      getConditionalProviders: function() {
        return conditionalProviders.concat(Object.values(namedConditionalProviders));
      },
      addGlobalContexts: function(contexts) {
        if (Array.isArray(contexts)) {
          var acceptedConditionalContexts = [];
          var acceptedContextPrimitives = [];
          for (var _i = 0, contexts_1 = contexts; _i < contexts_1.length; _i++) {
            var context = contexts_1[_i];
            if (isConditionalContextProvider(context)) {
              acceptedConditionalContexts.push(context);
            } else if (isContextPrimitive(context)) {
              acceptedContextPrimitives.push(context);
            }
          }
          globalPrimitives = globalPrimitives.concat(acceptedContextPrimitives);
          conditionalProviders = conditionalProviders.concat(acceptedConditionalContexts);
        } else {
          for (var _a = 0, _b = Object.entries(contexts); _a < _b.length; _a++) {
            var _c = _b[_a], name_1 = _c[0], context = _c[1];
            if (isConditionalContextProvider(context)) {
              namedConditionalProviders[name_1] = context;
            } else if (isContextPrimitive(context)) {
              namedPrimitives[name_1] = context;
            }
          }
        }
      },
      clearGlobalContexts: function() {
        conditionalProviders = [];
        globalPrimitives = [];
        namedConditionalProviders = {};
        namedPrimitives = {};
      },
      removeGlobalContexts: function(contexts) {
        var _loop_1 = function(context2) {
          if (typeof context2 === "string") {
            delete namedConditionalProviders[context2];
            delete namedPrimitives[context2];
          } else if (isConditionalContextProvider(context2)) {
            conditionalProviders = conditionalProviders.filter(function(item) {
              return !compareProvider(context2, item);
            });
          } else if (isContextPrimitive(context2)) {
            globalPrimitives = globalPrimitives.filter(function(item) {
              return !compareProvider(context2, item);
            });
          }
        };
        for (var _i = 0, contexts_2 = contexts; _i < contexts_2.length; _i++) {
          var context = contexts_2[_i];
          _loop_1(context);
        }
      },
      getApplicableContexts: function(event) {
        return assembleAllContexts(event);
      }
    };
  }
  function pluginContexts(plugins) {
    return {
      addPluginContexts: function(additionalContexts) {
        var combinedContexts = additionalContexts ? __spreadArray([], additionalContexts, true) : [];
        plugins.forEach(function(plugin) {
          try {
            if (plugin.contexts) {
              combinedContexts.push.apply(combinedContexts, plugin.contexts());
            }
          } catch (ex) {
            LOG.error("Error adding plugin contexts", ex);
          }
        });
        return combinedContexts;
      }
    };
  }
  function getSchemaParts(input) {
    var re = new RegExp("^iglu:([a-zA-Z0-9-_.]+)/([a-zA-Z0-9-_]+)/jsonschema/([1-9][0-9]*)-(0|[1-9][0-9]*)-(0|[1-9][0-9]*)$");
    var matches = re.exec(input);
    if (matches !== null)
      return matches.slice(1, 6);
    return void 0;
  }
  function validateVendorParts(parts) {
    if (parts[0] === "*" || parts[1] === "*") {
      return false;
    }
    if (parts.slice(2).length > 0) {
      var asterisk = false;
      for (var _i = 0, _a = parts.slice(2); _i < _a.length; _i++) {
        var part = _a[_i];
        if (part === "*")
          asterisk = true;
        else if (asterisk)
          return false;
      }
      return true;
    } else if (parts.length == 2)
      return true;
    return false;
  }
  function validateVendor(input) {
    var parts = input.split(".");
    if (parts && parts.length > 1)
      return validateVendorParts(parts);
    return false;
  }
  function getRuleParts(input) {
    var re = new RegExp("^iglu:((?:(?:[a-zA-Z0-9-_]+|\\*).)+(?:[a-zA-Z0-9-_]+|\\*))/([a-zA-Z0-9-_.]+|\\*)/jsonschema/([1-9][0-9]*|\\*)-(0|[1-9][0-9]*|\\*)-(0|[1-9][0-9]*|\\*)$");
    var matches = re.exec(input);
    if (matches !== null && validateVendor(matches[1]))
      return matches.slice(1, 6);
    return void 0;
  }
  function isValidRule(input) {
    var ruleParts = getRuleParts(input);
    if (ruleParts) {
      var vendor = ruleParts[0];
      return ruleParts.length === 5 && validateVendor(vendor);
    }
    return false;
  }
  function isStringArray(input) {
    return Array.isArray(input) && input.every(function(x) {
      return typeof x === "string";
    });
  }
  function isValidRuleSetArg(input) {
    if (isStringArray(input))
      return input.every(function(x) {
        return isValidRule(x);
      });
    else if (typeof input === "string")
      return isValidRule(input);
    return false;
  }
  function isSelfDescribingJson(input) {
    var sdj = input;
    if (isNonEmptyJson(sdj)) {
      if ("schema" in sdj && "data" in sdj)
        return typeof sdj.schema === "string" && typeof sdj.data === "object";
    }
    return false;
  }
  function isRuleSet(input) {
    var ruleSet = input;
    var ruleCount = 0;
    if (input != null && typeof input === "object" && !Array.isArray(input)) {
      if (Object.prototype.hasOwnProperty.call(ruleSet, "accept")) {
        if (isValidRuleSetArg(ruleSet["accept"])) {
          ruleCount += 1;
        } else {
          return false;
        }
      }
      if (Object.prototype.hasOwnProperty.call(ruleSet, "reject")) {
        if (isValidRuleSetArg(ruleSet["reject"])) {
          ruleCount += 1;
        } else {
          return false;
        }
      }
      return ruleCount > 0 && ruleCount <= 2;
    }
    return false;
  }
  function isContextCallbackFunction(input) {
    return typeof input === "function" && input.length <= 1;
  }
  function isContextPrimitive(input) {
    return isContextCallbackFunction(input) || isSelfDescribingJson(input);
  }
  function isFilterProvider(input) {
    if (Array.isArray(input)) {
      if (input.length === 2) {
        if (Array.isArray(input[1])) {
          return isContextCallbackFunction(input[0]) && input[1].every(isContextPrimitive);
        }
        return isContextCallbackFunction(input[0]) && isContextPrimitive(input[1]);
      }
    }
    return false;
  }
  function isRuleSetProvider(input) {
    if (Array.isArray(input) && input.length === 2) {
      if (!isRuleSet(input[0]))
        return false;
      if (Array.isArray(input[1]))
        return input[1].every(isContextPrimitive);
      return isContextPrimitive(input[1]);
    }
    return false;
  }
  function isConditionalContextProvider(input) {
    return isFilterProvider(input) || isRuleSetProvider(input);
  }
  function matchSchemaAgainstRuleSet(ruleSet, schema) {
    var rejectCount = 0;
    var acceptCount = 0;
    var acceptRules = ruleSet["accept"];
    if (Array.isArray(acceptRules)) {
      if (ruleSet.accept.some(function(rule) {
        return matchSchemaAgainstRule(rule, schema);
      })) {
        acceptCount++;
      }
    } else if (typeof acceptRules === "string") {
      if (matchSchemaAgainstRule(acceptRules, schema)) {
        acceptCount++;
      }
    }
    var rejectRules = ruleSet["reject"];
    if (Array.isArray(rejectRules)) {
      if (ruleSet.reject.some(function(rule) {
        return matchSchemaAgainstRule(rule, schema);
      })) {
        rejectCount++;
      }
    } else if (typeof rejectRules === "string") {
      if (matchSchemaAgainstRule(rejectRules, schema)) {
        rejectCount++;
      }
    }
    if (acceptCount > 0 && rejectCount === 0) {
      return true;
    } else if (acceptCount === 0 && rejectCount > 0) {
      return false;
    }
    return false;
  }
  function matchSchemaAgainstRule(rule, schema) {
    if (!isValidRule(rule))
      return false;
    var ruleParts = getRuleParts(rule);
    var schemaParts = getSchemaParts(schema);
    if (ruleParts && schemaParts) {
      if (!matchVendor(ruleParts[0], schemaParts[0]))
        return false;
      for (var i = 1; i < 5; i++) {
        if (!matchPart(ruleParts[i], schemaParts[i]))
          return false;
      }
      return true;
    }
    return false;
  }
  function matchVendor(rule, vendor) {
    var vendorParts = vendor.split(".");
    var ruleParts = rule.split(".");
    if (vendorParts && ruleParts) {
      if (vendorParts.length !== ruleParts.length)
        return false;
      for (var i = 0; i < ruleParts.length; i++) {
        if (!matchPart(vendorParts[i], ruleParts[i]))
          return false;
      }
      return true;
    }
    return false;
  }
  function matchPart(rule, schema) {
    return rule && schema && rule === "*" || rule === schema;
  }
  function getUsefulSchema(sb) {
    var eventJson = sb.getJson();
    for (var _i = 0, eventJson_1 = eventJson; _i < eventJson_1.length; _i++) {
      var json = eventJson_1[_i];
      if (json.keyIfEncoded === "ue_px" && typeof json.json["data"] === "object") {
        var schema = json.json["data"]["schema"];
        if (typeof schema == "string") {
          return schema;
        }
      }
    }
    return "";
  }
  function getEventType(payloadBuilder2) {
    var eventType = payloadBuilder2.getPayload()["e"];
    return typeof eventType === "string" ? eventType : "";
  }
  function buildGenerator(generator, event, eventType, eventSchema) {
    var contextGeneratorResult = void 0;
    try {
      var args = {
        event: event.getPayload(),
        eventType,
        eventSchema
      };
      contextGeneratorResult = generator(args);
      if (Array.isArray(contextGeneratorResult) && contextGeneratorResult.every(isSelfDescribingJson)) {
        return contextGeneratorResult;
      } else if (isSelfDescribingJson(contextGeneratorResult)) {
        return contextGeneratorResult;
      } else {
        return void 0;
      }
    } catch (error) {
      contextGeneratorResult = void 0;
    }
    return contextGeneratorResult;
  }
  function normalizeToArray(input) {
    if (Array.isArray(input)) {
      return input;
    }
    return Array.of(input);
  }
  function generatePrimitives(contextPrimitives, event, eventType, eventSchema) {
    var _a;
    var normalizedInputs = normalizeToArray(contextPrimitives);
    var partialEvaluate = function(primitive) {
      var result = evaluatePrimitive(primitive, event, eventType, eventSchema);
      if (result && result.length !== 0) {
        return result;
      }
      return void 0;
    };
    var generatedContexts = normalizedInputs.map(partialEvaluate);
    return (_a = []).concat.apply(_a, generatedContexts.filter(function(c) {
      return c != null && c.filter(Boolean);
    }));
  }
  function evaluatePrimitive(contextPrimitive, event, eventType, eventSchema) {
    if (isSelfDescribingJson(contextPrimitive)) {
      return [contextPrimitive];
    } else if (isContextCallbackFunction(contextPrimitive)) {
      var generatorOutput = buildGenerator(contextPrimitive, event, eventType, eventSchema);
      if (isSelfDescribingJson(generatorOutput)) {
        return [generatorOutput];
      } else if (Array.isArray(generatorOutput)) {
        return generatorOutput;
      }
    }
    return void 0;
  }
  function evaluateProvider(provider, event, eventType, eventSchema) {
    if (isFilterProvider(provider)) {
      var filter = provider[0];
      var filterResult = false;
      try {
        var args = {
          event: event.getPayload(),
          eventType,
          eventSchema
        };
        filterResult = filter(args);
      } catch (error) {
        filterResult = false;
      }
      if (filterResult === true) {
        return generatePrimitives(provider[1], event, eventType, eventSchema);
      }
    } else if (isRuleSetProvider(provider)) {
      if (matchSchemaAgainstRuleSet(provider[0], eventSchema)) {
        return generatePrimitives(provider[1], event, eventType, eventSchema);
      }
    }
    return [];
  }
  function compareProviderPart(a, b) {
    if (typeof a === "function")
      return a === b;
    return JSON.stringify(a) === JSON.stringify(b);
  }
  function compareProvider(a, b) {
    if (isConditionalContextProvider(a)) {
      if (!isConditionalContextProvider(b))
        return false;
      var ruleA = a[0], primitivesA = a[1];
      var ruleB = b[0], primitivesB_1 = b[1];
      if (!compareProviderPart(ruleA, ruleB))
        return false;
      if (Array.isArray(primitivesA)) {
        if (!Array.isArray(primitivesB_1))
          return false;
        if (primitivesA.length !== primitivesB_1.length)
          return false;
        return primitivesA.reduce(function(matches, a2, i) {
          return matches && compareProviderPart(a2, primitivesB_1[i]);
        }, true);
      } else {
        if (Array.isArray(primitivesB_1))
          return false;
        return compareProviderPart(primitivesA, primitivesB_1);
      }
    } else if (isContextPrimitive(a)) {
      if (!isContextPrimitive(b))
        return false;
      return compareProviderPart(a, b);
    }
    return false;
  }
  function generateConditionals(providers, event, eventType, eventSchema) {
    var _a;
    var normalizedInput = normalizeToArray(providers);
    var partialEvaluate = function(provider) {
      var result = evaluateProvider(provider, event, eventType, eventSchema);
      if (result && result.length !== 0) {
        return result;
      }
      return void 0;
    };
    var generatedContexts = normalizedInput.map(partialEvaluate);
    return (_a = []).concat.apply(_a, generatedContexts.filter(function(c) {
      return c != null && c.filter(Boolean);
    }));
  }
  function newEventStorePayload(_a) {
    var payload = _a.payload, _b = _a.svrAnon, svrAnon = _b === void 0 ? false : _b;
    return {
      payload,
      svrAnon
    };
  }
  function getTimestamp(timestamp) {
    if (timestamp == null) {
      return { type: "dtm", value: (/* @__PURE__ */ new Date()).getTime() };
    } else if (typeof timestamp === "number") {
      return { type: "dtm", value: timestamp };
    } else if (timestamp.type === "ttm") {
      return { type: "ttm", value: timestamp.value };
    } else {
      return { type: "dtm", value: timestamp.value || (/* @__PURE__ */ new Date()).getTime() };
    }
  }
  function trackerCore(configuration) {
    if (configuration === void 0) {
      configuration = {};
    }
    function newCore(base642, corePlugins2, callback2) {
      var pluginContextsHelper = pluginContexts(corePlugins2), globalContextsHelper = globalContexts();
      var encodeBase64 = base642, payloadPairs = {};
      function completeContexts(contexts) {
        if (contexts && contexts.length) {
          return {
            schema: "iglu:com.snowplowanalytics.snowplow/contexts/jsonschema/1-0-0",
            data: contexts
          };
        }
        return void 0;
      }
      function attachGlobalContexts(pb, contexts) {
        var applicableContexts = globalContextsHelper.getApplicableContexts(pb);
        var returnedContexts = [];
        if (contexts && contexts.length) {
          returnedContexts.push.apply(returnedContexts, contexts);
        }
        if (applicableContexts && applicableContexts.length) {
          returnedContexts.push.apply(returnedContexts, applicableContexts);
        }
        return returnedContexts;
      }
      function track(pb, context, timestamp) {
        if (!active) {
          LOG.error("Track called on deactivated tracker");
          return void 0;
        }
        pb.withJsonProcessor(payloadJsonProcessor(encodeBase64));
        pb.add("eid", v4_default());
        pb.addDict(payloadPairs);
        var tstamp = getTimestamp(timestamp);
        pb.add(tstamp.type, tstamp.value.toString());
        var allContexts = attachGlobalContexts(pb, pluginContextsHelper.addPluginContexts(context));
        var wrappedContexts = completeContexts(allContexts);
        if (wrappedContexts !== void 0) {
          pb.addJson("cx", "co", wrappedContexts);
        }
        corePlugins2.forEach(function(plugin) {
          try {
            if (plugin.beforeTrack) {
              plugin.beforeTrack(pb);
            }
          } catch (ex) {
            LOG.error("Plugin beforeTrack", ex);
          }
        });
        var skip = corePlugins2.find(function(plugin) {
          try {
            return plugin.filter && plugin.filter(pb.build()) === false;
          } catch (ex) {
            LOG.error("Plugin filter", ex);
            return false;
          }
        });
        if (skip) {
          return void 0;
        }
        if (typeof callback2 === "function") {
          callback2(pb);
        }
        var finalPayload = pb.build();
        corePlugins2.forEach(function(plugin) {
          try {
            if (plugin.afterTrack) {
              plugin.afterTrack(finalPayload);
            }
          } catch (ex) {
            LOG.error("Plugin afterTrack", ex);
          }
        });
        return finalPayload;
      }
      function addPayloadPair(key, value) {
        payloadPairs[key] = value;
      }
      var core2 = {
        track,
        addPayloadPair,
        getBase64Encoding: function() {
          return encodeBase64;
        },
        setBase64Encoding: function(encode) {
          encodeBase64 = encode;
        },
        addPayloadDict: function(dict) {
          for (var key in dict) {
            if (Object.prototype.hasOwnProperty.call(dict, key)) {
              payloadPairs[key] = dict[key];
            }
          }
        },
        resetPayloadPairs: function(dict) {
          payloadPairs = isJson(dict) ? dict : {};
        },
        setTrackerVersion: function(version2) {
          addPayloadPair("tv", version2);
        },
        setTrackerNamespace: function(name) {
          addPayloadPair("tna", name);
        },
        setAppId: function(appId) {
          addPayloadPair("aid", appId);
        },
        setPlatform: function(value) {
          addPayloadPair("p", value);
        },
        setUserId: function(userId) {
          addPayloadPair("uid", userId);
        },
        setScreenResolution: function(width, height) {
          addPayloadPair("res", width + "x" + height);
        },
        setViewport: function(width, height) {
          addPayloadPair("vp", width + "x" + height);
        },
        setColorDepth: function(depth) {
          addPayloadPair("cd", depth);
        },
        setTimezone: function(timezone) {
          addPayloadPair("tz", timezone);
        },
        setLang: function(lang) {
          addPayloadPair("lang", lang);
        },
        setIpAddress: function(ip) {
          addPayloadPair("ip", ip);
        },
        setUseragent: function(useragent) {
          addPayloadPair("ua", useragent);
        },
        addGlobalContexts: function(contexts) {
          globalContextsHelper.addGlobalContexts(contexts);
        },
        clearGlobalContexts: function() {
          globalContextsHelper.clearGlobalContexts();
        },
        removeGlobalContexts: function(contexts) {
          globalContextsHelper.removeGlobalContexts(contexts);
        }
      };
      return core2;
    }
    var active = true;
    var base64 = configuration.base64, corePlugins = configuration.corePlugins, callback = configuration.callback, plugins = corePlugins !== null && corePlugins !== void 0 ? corePlugins : [], partialCore = newCore(base64 !== null && base64 !== void 0 ? base64 : true, plugins, callback), core = __assign(__assign({}, partialCore), { addPlugin: function(configuration2) {
      var _a, _b;
      var plugin = configuration2.plugin;
      plugins.push(plugin);
      (_a = plugin.logger) === null || _a === void 0 ? void 0 : _a.call(plugin, LOG);
      (_b = plugin.activateCorePlugin) === null || _b === void 0 ? void 0 : _b.call(plugin, core);
    }, deactivate: function() {
      plugins.forEach(function(plugin) {
        var _a;
        (_a = plugin.deactivatePlugin) === null || _a === void 0 ? void 0 : _a.call(plugin, core);
      });
      plugins.length = 0;
      active = false;
    } });
    plugins === null || plugins === void 0 ? void 0 : plugins.forEach(function(plugin) {
      var _a, _b;
      (_a = plugin.logger) === null || _a === void 0 ? void 0 : _a.call(plugin, LOG);
      (_b = plugin.activateCorePlugin) === null || _b === void 0 ? void 0 : _b.call(plugin, core);
    });
    return core;
  }
  function buildSelfDescribingEvent(event) {
    var _a = event.event, schema = _a.schema, data = _a.data, pb = payloadBuilder();
    var ueJson = {
      schema: "iglu:com.snowplowanalytics.snowplow/unstruct_event/jsonschema/1-0-0",
      data: { schema, data }
    };
    pb.add("e", "ue");
    pb.addJson("ue_px", "ue_pr", ueJson);
    return pb;
  }
  function buildPageView(event) {
    var pageUrl = event.pageUrl, pageTitle = event.pageTitle, referrer = event.referrer, pb = payloadBuilder();
    pb.add("e", "pv");
    pb.add("url", pageUrl);
    pb.add("page", pageTitle);
    pb.add("refr", referrer);
    return pb;
  }
  function buildPagePing(event) {
    var pageUrl = event.pageUrl, pageTitle = event.pageTitle, referrer = event.referrer, minXOffset = event.minXOffset, maxXOffset = event.maxXOffset, minYOffset = event.minYOffset, maxYOffset = event.maxYOffset, pb = payloadBuilder();
    pb.add("e", "pp");
    pb.add("url", pageUrl);
    pb.add("page", pageTitle);
    pb.add("refr", referrer);
    if (minXOffset && !isNaN(Number(minXOffset)))
      pb.add("pp_mix", minXOffset.toString());
    if (maxXOffset && !isNaN(Number(maxXOffset)))
      pb.add("pp_max", maxXOffset.toString());
    if (minYOffset && !isNaN(Number(minYOffset)))
      pb.add("pp_miy", minYOffset.toString());
    if (maxYOffset && !isNaN(Number(maxYOffset)))
      pb.add("pp_may", maxYOffset.toString());
    return pb;
  }
  function buildStructEvent(event) {
    var category = event.category, action = event.action, label2 = event.label, property = event.property, value = event.value, pb = payloadBuilder();
    pb.add("e", "se");
    pb.add("se_ca", category);
    pb.add("se_ac", action);
    pb.add("se_la", label2);
    pb.add("se_pr", property);
    pb.add("se_va", value == null ? void 0 : value.toString());
    return pb;
  }
  function newInMemoryEventStore(_a) {
    var _b = _a.maxSize, maxSize = _b === void 0 ? 1e3 : _b, _c = _a.events, events = _c === void 0 ? [] : _c;
    var store = __spreadArray([], events, true);
    var count = function() {
      return Promise.resolve(store.length);
    };
    return {
      count,
      add: function(payload) {
        store.push(payload);
        while (store.length > maxSize) {
          store.shift();
        }
        return count();
      },
      removeHead: function(count2) {
        for (var i = 0; i < count2; i++) {
          store.shift();
        }
        return Promise.resolve();
      },
      iterator: function() {
        var index = 0;
        var events2 = __spreadArray([], store, true);
        return {
          next: function() {
            if (index < events2.length) {
              return Promise.resolve({ value: events2[index++], done: false });
            }
            return Promise.resolve({ value: void 0, done: true });
          }
        };
      },
      getAll: function() {
        return Promise.resolve(__spreadArray([], store, true));
      },
      getAllPayloads: function() {
        return Promise.resolve(store.map(function(e) {
          return e.payload;
        }));
      }
    };
  }
  var PAYLOAD_DATA_SCHEMA = "iglu:com.snowplowanalytics.snowplow/payload_data/jsonschema/1-0-4";
  function encloseInPayloadDataEnvelope(events) {
    return JSON.stringify({
      schema: PAYLOAD_DATA_SCHEMA,
      data: events
    });
  }
  function attachStmToEvent(events) {
    var stm = (/* @__PURE__ */ new Date()).getTime().toString();
    for (var i = 0; i < events.length; i++) {
      events[i]["stm"] = stm;
    }
    return events;
  }
  function newEmitterRequest(_a) {
    var endpoint = _a.endpoint, _b = _a.protocol, protocol = _b === void 0 ? "https" : _b, port = _a.port, _c = _a.eventMethod, eventMethod = _c === void 0 ? "post" : _c, customHeaders = _a.customHeaders, connectionTimeout = _a.connectionTimeout, _d = _a.keepalive, keepalive = _d === void 0 ? false : _d, _e = _a.postPath, postPath = _e === void 0 ? "/com.snowplowanalytics.snowplow/tp2" : _e, _f = _a.useStm, useStm = _f === void 0 ? true : _f, _g = _a.maxPostBytes, maxPostBytes = _g === void 0 ? 4e4 : _g, _h = _a.credentials, credentials = _h === void 0 ? "include" : _h;
    var events = [];
    var usePost = eventMethod.toLowerCase() === "post";
    var timer;
    var abortController;
    function countBytes() {
      var count = events.reduce(function(acc, event) {
        return acc + (usePost ? event.getPOSTRequestBytesCount() : event.getGETRequestBytesCount());
      }, 0);
      if (usePost) {
        count += 88;
      }
      return count;
    }
    function countEvents() {
      return events.length;
    }
    function getServerAnonymizationOfExistingEvents() {
      return events.length > 0 ? events[0].getServerAnonymization() : void 0;
    }
    function addEvent(event) {
      if (events.length > 0 && getServerAnonymizationOfExistingEvents() !== event.getServerAnonymization()) {
        return false;
      } else {
        events.push(event);
        return true;
      }
    }
    function getEvents() {
      return events;
    }
    function isFull() {
      if (usePost) {
        return countBytes() >= maxPostBytes;
      } else {
        return events.length >= 1;
      }
    }
    function createHeaders() {
      var headers = new Headers();
      if (usePost) {
        headers.append("Content-Type", "application/json; charset=UTF-8");
      }
      if (customHeaders) {
        Object.keys(customHeaders).forEach(function(key) {
          headers.append(key, customHeaders[key]);
        });
      }
      if (getServerAnonymizationOfExistingEvents()) {
        headers.append("SP-Anonymous", "*");
      }
      return headers;
    }
    function getFullCollectorUrl() {
      var collectorUrl = endpoint;
      if (!endpoint.includes("://")) {
        collectorUrl = "".concat(protocol, "://").concat(endpoint);
      }
      if (port) {
        collectorUrl = "".concat(collectorUrl, ":").concat(port);
      }
      var path = usePost ? postPath : "/i";
      return collectorUrl + path;
    }
    function makeRequest(url, options) {
      closeRequest(false);
      abortController = new AbortController();
      timer = setTimeout(function() {
        var reason = "Request timed out";
        console.error(reason);
        timer = void 0;
        closeRequest(false, reason);
      }, connectionTimeout !== null && connectionTimeout !== void 0 ? connectionTimeout : 5e3);
      var requestOptions = __assign({ headers: createHeaders(), signal: abortController.signal, keepalive, credentials }, options);
      var request = new Request(url, requestOptions);
      return request;
    }
    function makePostRequest() {
      var batch = attachStmToEvent(events.map(function(event) {
        return event.getPOSTRequestBody();
      }));
      return makeRequest(getFullCollectorUrl(), {
        method: "POST",
        body: encloseInPayloadDataEnvelope(batch)
      });
    }
    function makeGetRequest() {
      if (events.length !== 1) {
        throw new Error("Only one event can be sent in a GET request");
      }
      var event = events[0];
      var url = event.getGETRequestURL(getFullCollectorUrl(), useStm);
      return makeRequest(url, {
        method: "GET"
      });
    }
    function toRequest() {
      if (events.length === 0) {
        return void 0;
      }
      if (usePost) {
        return makePostRequest();
      } else {
        return makeGetRequest();
      }
    }
    function closeRequest(successful, reason) {
      if (timer !== void 0) {
        clearTimeout(timer);
        timer = void 0;
      }
      if (abortController !== void 0) {
        var controller = abortController;
        abortController = void 0;
        if (!successful) {
          controller.abort(reason);
        }
      }
    }
    return {
      addEvent,
      getEvents,
      toRequest,
      countBytes,
      countEvents,
      isFull,
      closeRequest
    };
  }
  function getUTF8Length(s) {
    var len = 0;
    for (var i = 0; i < s.length; i++) {
      var code = s.charCodeAt(i);
      if (code <= 127) {
        len += 1;
      } else if (code <= 2047) {
        len += 2;
      } else if (code >= 55296 && code <= 57343) {
        len += 4;
        i++;
      } else if (code < 65535) {
        len += 3;
      } else {
        len += 4;
      }
    }
    return len;
  }
  function getQuerystring(request) {
    var lowPriorityKeys = { co: true, cx: true };
    var args = [];
    for (var key in request) {
      if (request.hasOwnProperty(key) && !lowPriorityKeys[key]) {
        args.push(key + "=" + encodeURIComponent(request[key]));
      }
    }
    for (var contextKey in lowPriorityKeys) {
      if (request.hasOwnProperty(contextKey) && lowPriorityKeys[contextKey]) {
        args.push(contextKey + "=" + encodeURIComponent(request[contextKey]));
      }
    }
    return "?" + args.join("&");
  }
  function preparePostBody(request) {
    var cleanedRequest = Object.keys(request).map(function(k) {
      return [k, request[k]];
    }).reduce(function(acc, _a) {
      var key = _a[0], value = _a[1];
      acc[key] = value.toString();
      return acc;
    }, {});
    return cleanedRequest;
  }
  function newEmitterEvent(eventStorePayload) {
    var querystring = null;
    var postBody = null;
    var byteCountGET = null;
    var byteCountPOST = null;
    function getPayload() {
      return eventStorePayload.payload;
    }
    function getServerAnonymization() {
      var _a;
      return (_a = eventStorePayload.svrAnon) !== null && _a !== void 0 ? _a : false;
    }
    function getCachedQuerystring(payload) {
      if (querystring === null) {
        querystring = getQuerystring(payload);
      }
      return querystring;
    }
    function getGETRequestURL(collectorUrl, useStm) {
      var querystring2 = getCachedQuerystring(getPayload());
      if (useStm) {
        return collectorUrl + querystring2.replace("?", "?stm=" + (/* @__PURE__ */ new Date()).getTime() + "&");
      }
      return collectorUrl + querystring2;
    }
    function getGETRequestBytesCount() {
      if (byteCountGET === null) {
        var querystring_1 = getCachedQuerystring(getPayload());
        byteCountGET = getUTF8Length(querystring_1);
      }
      return byteCountGET;
    }
    function getPOSTRequestBody() {
      if (postBody === null) {
        postBody = preparePostBody(getPayload());
      }
      return postBody;
    }
    function getPOSTRequestBytesCount() {
      if (byteCountPOST === null) {
        byteCountPOST = getUTF8Length(JSON.stringify(getPOSTRequestBody()));
      }
      return byteCountPOST;
    }
    return {
      getPayload,
      getServerAnonymization,
      getGETRequestURL,
      getGETRequestBytesCount,
      getPOSTRequestBody,
      getPOSTRequestBytesCount
    };
  }
  function newEmitter(_a) {
    var endpoint = _a.endpoint, _b = _a.eventMethod, eventMethod = _b === void 0 ? "post" : _b, postPath = _a.postPath, protocol = _a.protocol, port = _a.port, _c = _a.maxPostBytes, maxPostBytes = _c === void 0 ? 4e4 : _c, maxGetBytes = _a.maxGetBytes, _d = _a.bufferSize, bufferSize = _d === void 0 ? 1 : _d, customHeaders = _a.customHeaders, serverAnonymization = _a.serverAnonymization, connectionTimeout = _a.connectionTimeout, keepalive = _a.keepalive, cookieExtensionService = _a.cookieExtensionService, idService = _a.idService, _e = _a.dontRetryStatusCodes, dontRetryStatusCodes = _e === void 0 ? [] : _e, _f = _a.retryStatusCodes, retryStatusCodes = _f === void 0 ? [] : _f, _g = _a.retryFailedRequests, retryFailedRequests = _g === void 0 ? true : _g, onRequestFailure = _a.onRequestFailure, onRequestSuccess = _a.onRequestSuccess, _h = _a.customFetch, customFetch = _h === void 0 ? fetch : _h, useStm = _a.useStm, _j = _a.eventStore, eventStore = _j === void 0 ? newInMemoryEventStore({}) : _j, credentials = _a.credentials;
    cookieExtensionService = cookieExtensionService || idService;
    var cookieExtensionServiceCalled = false;
    var flushInProgress = false;
    var usePost = eventMethod.toLowerCase() === "post";
    dontRetryStatusCodes = dontRetryStatusCodes.concat([400, 401, 403, 410, 422]);
    function shouldRetryForStatusCode(statusCode) {
      if (statusCode >= 200 && statusCode < 300) {
        return false;
      }
      if (!retryFailedRequests) {
        return false;
      }
      if (retryStatusCodes.includes(statusCode)) {
        return true;
      }
      return !dontRetryStatusCodes.includes(statusCode);
    }
    function callOnRequestSuccess(payloads, response) {
      if (onRequestSuccess !== void 0) {
        setTimeout(function() {
          try {
            onRequestSuccess === null || onRequestSuccess === void 0 ? void 0 : onRequestSuccess(payloads, response);
          } catch (e) {
            LOG.error("Error in onRequestSuccess", e);
          }
        }, 0);
      }
    }
    function callOnRequestFailure(failure, response) {
      if (onRequestFailure !== void 0) {
        setTimeout(function() {
          try {
            onRequestFailure === null || onRequestFailure === void 0 ? void 0 : onRequestFailure(failure, response);
          } catch (e) {
            LOG.error("Error in onRequestFailure", e);
          }
        }, 0);
      }
    }
    function executeRequest(request) {
      return __awaiter(this, void 0, void 0, function() {
        var fetchRequest, payloads, response, willRetry, e_1, message;
        return __generator(this, function(_a2) {
          switch (_a2.label) {
            case 0:
              fetchRequest = request.toRequest();
              if (fetchRequest === void 0) {
                throw new Error("Empty batch");
              }
              payloads = request.getEvents().map(function(event) {
                return event.getPayload();
              });
              _a2.label = 1;
            case 1:
              _a2.trys.push([1, 4, , 5]);
              return [4, customFetch(fetchRequest)];
            case 2:
              response = _a2.sent();
              return [4, response.text()];
            case 3:
              _a2.sent();
              request.closeRequest(true);
              if (response.ok) {
                callOnRequestSuccess(payloads, response);
                return [2, { success: true, retry: false, status: response.status }];
              } else {
                willRetry = shouldRetryForStatusCode(response.status);
                callOnRequestFailure({
                  events: payloads,
                  status: response.status,
                  message: response.statusText,
                  willRetry
                }, response);
                return [2, { success: false, retry: willRetry, status: response.status }];
              }
            case 4:
              e_1 = _a2.sent();
              request.closeRequest(false);
              message = typeof e_1 === "string" ? e_1 : e_1 ? e_1.message : "Unknown error";
              callOnRequestFailure({
                events: payloads,
                message,
                willRetry: true
              });
              return [2, { success: false, retry: true }];
            case 5:
              return [
                2
                /*return*/
              ];
          }
        });
      });
    }
    function newEmitterRequestWithConfig() {
      return newEmitterRequest({
        endpoint,
        protocol,
        port,
        eventMethod,
        customHeaders,
        connectionTimeout,
        keepalive,
        maxPostBytes,
        useStm,
        credentials,
        postPath
      });
    }
    function shouldSkipEventStore(emitterEvent) {
      var eventTooBigWarning = function(bytes2, maxBytes) {
        return LOG.warn("Event (" + bytes2 + "B) too big, max is " + maxBytes);
      };
      if (usePost) {
        var bytes = emitterEvent.getPOSTRequestBytesCount() + 88;
        var tooBig = bytes > maxPostBytes;
        if (tooBig) {
          eventTooBigWarning(bytes, maxPostBytes);
        }
        return tooBig;
      } else {
        if (maxGetBytes === void 0) {
          return false;
        }
        var bytes = emitterEvent.getGETRequestBytesCount();
        var tooBig = bytes > maxGetBytes;
        if (tooBig) {
          eventTooBigWarning(bytes, maxGetBytes);
        }
        return tooBig;
      }
    }
    function callCookieExtensionService() {
      return __awaiter(this, void 0, void 0, function() {
        var request;
        return __generator(this, function(_a2) {
          switch (_a2.label) {
            case 0:
              if (!(cookieExtensionService && !cookieExtensionServiceCalled)) return [3, 2];
              cookieExtensionServiceCalled = true;
              request = new Request(cookieExtensionService, { method: "GET" });
              return [4, customFetch(request)];
            case 1:
              _a2.sent();
              _a2.label = 2;
            case 2:
              return [
                2
                /*return*/
              ];
          }
        });
      });
    }
    function flush() {
      return __awaiter(this, void 0, void 0, function() {
        var e_2;
        return __generator(this, function(_a2) {
          switch (_a2.label) {
            case 0:
              if (!!flushInProgress) return [3, 5];
              flushInProgress = true;
              _a2.label = 1;
            case 1:
              _a2.trys.push([1, 3, 4, 5]);
              return [4, continueFlush()];
            case 2:
              _a2.sent();
              return [3, 5];
            case 3:
              e_2 = _a2.sent();
              LOG.error("Error sending events", e_2);
              return [3, 5];
            case 4:
              flushInProgress = false;
              return [
                7
                /*endfinally*/
              ];
            case 5:
              return [
                2
                /*return*/
              ];
          }
        });
      });
    }
    function continueFlush() {
      return __awaiter(this, void 0, void 0, function() {
        var request, eventStoreIterator, _a2, value, done, event_1, _b2, success, retry, status;
        return __generator(this, function(_c2) {
          switch (_c2.label) {
            case 0:
              return [4, callCookieExtensionService()];
            case 1:
              _c2.sent();
              request = newEmitterRequestWithConfig();
              eventStoreIterator = eventStore.iterator();
              _c2.label = 2;
            case 2:
              if (request.isFull()) {
                return [3, 4];
              }
              return [4, eventStoreIterator.next()];
            case 3:
              _a2 = _c2.sent(), value = _a2.value, done = _a2.done;
              if (done || value === void 0) {
                return [3, 4];
              }
              event_1 = newEmitterEvent(value);
              if (!request.addEvent(event_1)) {
                return [3, 4];
              }
              return [3, 2];
            case 4:
              if (request.countEvents() === 0) {
                return [
                  2
                  /*return*/
                ];
              }
              return [4, executeRequest(request)];
            case 5:
              _b2 = _c2.sent(), success = _b2.success, retry = _b2.retry, status = _b2.status;
              if (!(success || !retry)) return [3, 7];
              if (!success) {
                LOG.error("Status ".concat(status, ", will not retry."));
              }
              return [4, eventStore.removeHead(request.countEvents())];
            case 6:
              _c2.sent();
              _c2.label = 7;
            case 7:
              if (!success) return [3, 9];
              return [4, continueFlush()];
            case 8:
              _c2.sent();
              _c2.label = 9;
            case 9:
              return [
                2
                /*return*/
              ];
          }
        });
      });
    }
    function input(payload) {
      return __awaiter(this, void 0, void 0, function() {
        var eventStorePayload, event, request, count;
        return __generator(this, function(_a2) {
          switch (_a2.label) {
            case 0:
              eventStorePayload = newEventStorePayload({ payload, svrAnon: serverAnonymization });
              event = newEmitterEvent(eventStorePayload);
              if (!shouldSkipEventStore(event)) return [3, 2];
              request = newEmitterRequestWithConfig();
              request.addEvent(event);
              return [4, executeRequest(request)];
            case 1:
              _a2.sent();
              return [3, 5];
            case 2:
              return [4, eventStore.add(eventStorePayload)];
            case 3:
              count = _a2.sent();
              if (!(count >= bufferSize)) return [3, 5];
              return [4, flush()];
            case 4:
              _a2.sent();
              _a2.label = 5;
            case 5:
              return [
                2
                /*return*/
              ];
          }
        });
      });
    }
    function setCollectorUrl2(url) {
      endpoint = url;
    }
    function setAnonymousTracking(at) {
      serverAnonymization = at;
    }
    function setBufferSize2(bs) {
      bufferSize = bs;
    }
    return {
      flush,
      input,
      setCollectorUrl: setCollectorUrl2,
      setAnonymousTracking,
      setBufferSize: setBufferSize2
    };
  }
  var version = version$1;

  // node_modules/@snowplow/browser-tracker-core/dist/index.module.js
  function sha1(message) {
    var bytes = [];
    for (var i = 0; i < message.length; i++) {
      var c = message.charCodeAt(i);
      if (c < 128) {
        bytes.push(c);
      } else if (c < 2048) {
        bytes.push(192 | c >> 6, 128 | c & 63);
      } else if (c >= 55296 && c <= 56319 && i + 1 < message.length) {
        var next = message.charCodeAt(++i);
        c = 65536 + ((c & 1023) << 10) + (next & 1023);
        bytes.push(240 | c >> 18, 128 | c >> 12 & 63, 128 | c >> 6 & 63, 128 | c & 63);
      } else {
        bytes.push(224 | c >> 12, 128 | c >> 6 & 63, 128 | c & 63);
      }
    }
    var bitLen = bytes.length * 8;
    bytes.push(128);
    while (bytes.length % 64 !== 56)
      bytes.push(0);
    bytes.push(0, 0, 0, 0);
    bytes.push(bitLen >>> 24 & 255, bitLen >>> 16 & 255, bitLen >>> 8 & 255, bitLen & 255);
    var h0 = 1732584193;
    var h1 = 4023233417;
    var h2 = 2562383102;
    var h3 = 271733878;
    var h4 = 3285377520;
    var w = new Array(80);
    for (var offset = 0; offset < bytes.length; offset += 64) {
      for (var i = 0; i < 16; i++) {
        w[i] = bytes[offset + i * 4] << 24 | bytes[offset + i * 4 + 1] << 16 | bytes[offset + i * 4 + 2] << 8 | bytes[offset + i * 4 + 3];
      }
      for (var i = 16; i < 80; i++) {
        var n = w[i - 3] ^ w[i - 8] ^ w[i - 14] ^ w[i - 16];
        w[i] = n << 1 | n >>> 31;
      }
      var a = h0, b = h1, c = h2, d = h3, e = h4;
      for (var i = 0; i < 80; i++) {
        var f = void 0, k = void 0;
        if (i < 20) {
          f = b & c | ~b & d;
          k = 1518500249;
        } else if (i < 40) {
          f = b ^ c ^ d;
          k = 1859775393;
        } else if (i < 60) {
          f = b & c | b & d | c & d;
          k = 2400959708;
        } else {
          f = b ^ c ^ d;
          k = 3395469782;
        }
        var temp = (a << 5 | a >>> 27) + f + e + k + w[i] | 0;
        e = d;
        d = c;
        c = b << 30 | b >>> 2;
        b = a;
        a = temp;
      }
      h0 = h0 + a | 0;
      h1 = h1 + b | 0;
      h2 = h2 + c | 0;
      h3 = h3 + d | 0;
      h4 = h4 + e | 0;
    }
    var hex = "";
    for (var _i = 0, _a = [h0, h1, h2, h3, h4]; _i < _a.length; _i++) {
      var h = _a[_i];
      var part = (h >>> 0).toString(16);
      hex += (part.length < 8 ? "00000000".slice(part.length) : "") + part;
    }
    return hex;
  }
  function attemptGetLocalStorage(key) {
    try {
      var localStorageAlias = window.localStorage, exp = localStorageAlias.getItem(key + ".expires");
      if (exp === null || +exp > Date.now()) {
        return localStorageAlias.getItem(key);
      } else {
        localStorageAlias.removeItem(key);
        localStorageAlias.removeItem(key + ".expires");
      }
      return void 0;
    } catch (e) {
      return void 0;
    }
  }
  function attemptWriteLocalStorage(key, value, ttl) {
    if (ttl === void 0) {
      ttl = 63072e3;
    }
    try {
      var localStorageAlias = window.localStorage, t = Date.now() + ttl * 1e3;
      localStorageAlias.setItem("".concat(key, ".expires"), t.toString());
      localStorageAlias.setItem(key, value);
      return true;
    } catch (e) {
      return false;
    }
  }
  function attemptDeleteLocalStorage(key) {
    try {
      var localStorageAlias = window.localStorage;
      localStorageAlias.removeItem(key);
      localStorageAlias.removeItem(key + ".expires");
      return true;
    } catch (e) {
      return false;
    }
  }
  function attemptGetSessionStorage(key) {
    try {
      return window.sessionStorage.getItem(key);
    } catch (e) {
      return void 0;
    }
  }
  function attemptWriteSessionStorage(key, value) {
    try {
      window.sessionStorage.setItem(key, value);
      return true;
    } catch (e) {
      return false;
    }
  }
  var DEFAULT_CROSS_DOMAIN_LINKER_PARAMS = {
    sessionId: true,
    sourceId: true,
    sourcePlatform: false,
    userId: false,
    reason: false
  };
  function createCrossDomainParameterValue(isExtendedFormat, attributeConfiguration, attributeValues) {
    var _a;
    var crossDomainParameterValue;
    var timestamp = (/* @__PURE__ */ new Date()).getTime();
    var config = __assign(__assign({}, DEFAULT_CROSS_DOMAIN_LINKER_PARAMS), attributeConfiguration);
    var domainUserId = attributeValues.domainUserId, userId = attributeValues.userId, sessionId = attributeValues.sessionId, sourceId = attributeValues.sourceId, sourcePlatform = attributeValues.sourcePlatform, event = attributeValues.event;
    var eventTarget = event.currentTarget;
    var reason = typeof config.reason === "function" ? config.reason(event) : (_a = eventTarget === null || eventTarget === void 0 ? void 0 : eventTarget.textContent) === null || _a === void 0 ? void 0 : _a.trim();
    if (isExtendedFormat) {
      crossDomainParameterValue = [
        domainUserId,
        timestamp,
        config.sessionId && sessionId,
        config.userId && urlSafeBase64Encode(userId || ""),
        config.sourceId && urlSafeBase64Encode(sourceId || ""),
        config.sourcePlatform && sourcePlatform,
        config.reason && urlSafeBase64Encode(reason || "")
      ].map(function(attribute) {
        return attribute || "";
      }).join(".").replace(/([.]*$)/, "");
    } else {
      crossDomainParameterValue = attributeValues.domainUserId + "." + timestamp;
    }
    return crossDomainParameterValue;
  }
  function urlSafeBase64Encode(str) {
    return btoa(str).replace(/\+/g, "-").replace(/\//g, "_").replace(/\=+$/, "");
  }
  function isString(str) {
    if (str && typeof str.valueOf() === "string") {
      return true;
    }
    return false;
  }
  function isInteger(int) {
    return Number.isInteger && Number.isInteger(int) || typeof int === "number" && isFinite(int) && Math.floor(int) === int;
  }
  function getTimeZone() {
    if (typeof Intl === "object" && typeof Intl.DateTimeFormat === "function") {
      var systemPreferences = new Intl.DateTimeFormat().resolvedOptions();
      return systemPreferences.timeZone;
    }
  }
  function fixupTitle(title) {
    if (!isString(title)) {
      title = title.text || "";
      var tmp = document.getElementsByTagName("title");
      if (tmp && tmp[0] != null) {
        title = tmp[0].text;
      }
    }
    return title;
  }
  function getHostName(url) {
    var e = new RegExp("^(?:(?:https?|ftp):)/*(?:[^@]+@)?([^:/#]+)"), matches = e.exec(url);
    return matches ? matches[1] : url;
  }
  function fixupDomain(domain) {
    var dl = domain.length;
    if (domain.charAt(--dl) === ".") {
      domain = domain.slice(0, dl);
    }
    if (domain.slice(0, 2) === "*.") {
      domain = domain.slice(1);
    }
    return domain;
  }
  function getReferrer(oldLocation) {
    var windowAlias = window, fromQs = fromQuerystring("referrer", windowAlias.location.href) || fromQuerystring("referer", windowAlias.location.href);
    if (fromQs) {
      return fromQs;
    }
    if (oldLocation) {
      return oldLocation;
    }
    try {
      if (windowAlias.top) {
        return windowAlias.top.document.referrer;
      } else if (windowAlias.parent) {
        return windowAlias.parent.document.referrer;
      }
    } catch (_a) {
    }
    return document.referrer;
  }
  function addEventListener(element, eventType, eventHandler, options) {
    if (element.addEventListener) {
      element.addEventListener(eventType, eventHandler, options);
      return true;
    }
    if (element.attachEvent) {
      return element.attachEvent("on" + eventType, eventHandler);
    }
    element["on" + eventType] = eventHandler;
  }
  function fromQuerystring(field, url) {
    var match = new RegExp("^[^#]*[?&]" + field + "=([^&#]*)").exec(url);
    if (!match) {
      return null;
    }
    return decodeURIComponent(match[1].replace(/\+/g, " "));
  }
  function decorateQuerystring(url, name, value) {
    var initialQsParams = name + "=" + value;
    var hashSplit = url.split("#");
    var qsSplit = hashSplit[0].split("?");
    var beforeQuerystring = qsSplit.shift();
    var querystring = qsSplit.join("?");
    if (!querystring) {
      querystring = initialQsParams;
    } else {
      var initialDecoration = true;
      var qsFields = querystring.split("&");
      for (var i = 0; i < qsFields.length; i++) {
        if (qsFields[i].substr(0, name.length + 1) === name + "=") {
          initialDecoration = false;
          qsFields[i] = initialQsParams;
          querystring = qsFields.join("&");
          break;
        }
      }
      if (initialDecoration) {
        querystring = initialQsParams + "&" + querystring;
      }
    }
    hashSplit[0] = beforeQuerystring + "?" + querystring;
    return hashSplit.join("#");
  }
  function findRootDomain(sameSite, secure) {
    var windowLocationHostnameAlias = window.location.hostname, cookiePrefix = "_sp_root_domain_test_", cookieName = cookiePrefix + (/* @__PURE__ */ new Date()).getTime(), cookieValue = "_test_value_" + (/* @__PURE__ */ new Date()).getTime();
    var locationParts = windowLocationHostnameAlias.split(".");
    for (var idx = locationParts.length - 2; idx >= 0; idx--) {
      var currentDomain = locationParts.slice(idx).join(".");
      cookie(cookieName, cookieValue, 0, "/", currentDomain, sameSite, secure);
      if (cookie(cookieName) === cookieValue) {
        deleteCookie(cookieName, "/", currentDomain, sameSite, secure);
        var cookieNames = getCookiesWithPrefix(cookiePrefix);
        for (var i = 0; i < cookieNames.length; i++) {
          deleteCookie(cookieNames[i], "/", currentDomain, sameSite, secure);
        }
        return currentDomain;
      }
    }
    return windowLocationHostnameAlias;
  }
  function deleteCookie(cookieName, path, domainName, sameSite, secure) {
    cookie(cookieName, "", -1, path, domainName, sameSite, secure);
  }
  function getCookiesWithPrefix(cookiePrefix) {
    var cookies = document.cookie.split("; ");
    var cookieNames = [];
    for (var i = 0; i < cookies.length; i++) {
      if (cookies[i].substring(0, cookiePrefix.length) === cookiePrefix) {
        cookieNames.push(cookies[i]);
      }
    }
    return cookieNames;
  }
  function cookie(name, value, ttl, path, domain, samesite, secure) {
    if (arguments.length > 1) {
      return document.cookie = name + "=" + encodeURIComponent(value !== null && value !== void 0 ? value : "") + (ttl ? "; Expires=" + new Date(+/* @__PURE__ */ new Date() + ttl * 1e3).toUTCString() : "") + (path ? "; Path=" + path : "") + (domain ? "; Domain=" + domain : "") + (samesite ? "; SameSite=" + samesite : "") + (secure ? "; Secure" : "");
    }
    return decodeURIComponent((("; " + document.cookie).split("; " + name + "=")[1] || "").split(";")[0]);
  }
  function newLocalStorageEventStore(_a) {
    var trackerId = _a.trackerId, _b = _a.maxLocalStorageQueueSize, maxLocalStorageQueueSize = _b === void 0 ? 1e3 : _b, _c = _a.useLocalStorage, useLocalStorage = _c === void 0 ? true : _c;
    var queueName = "snowplowOutQueue_".concat(trackerId);
    function newInMemoryEventStoreFromLocalStorage() {
      if (useLocalStorage) {
        try {
          var localStorageQueue = window.localStorage.getItem(queueName);
          var events = localStorageQueue ? JSON.parse(localStorageQueue) : [];
          return newInMemoryEventStore({ maxSize: maxLocalStorageQueueSize, events });
        } catch (e) {
          console.error("Failed to access localStorage when initializing event store:", e);
          return newInMemoryEventStore({ maxSize: maxLocalStorageQueueSize });
        }
      } else {
        return newInMemoryEventStore({ maxSize: maxLocalStorageQueueSize });
      }
    }
    var _d = newInMemoryEventStoreFromLocalStorage(), getAll = _d.getAll, getAllPayloads = _d.getAllPayloads, add = _d.add, count = _d.count, iterator = _d.iterator, removeHead = _d.removeHead;
    function sync() {
      if (useLocalStorage) {
        return getAll().then(function(events) {
          try {
            window.localStorage.setItem(queueName, JSON.stringify(events));
          } catch (e) {
            console.error("Failed to persist events to localStorage:", e);
          }
        });
      } else {
        return Promise.resolve();
      }
    }
    return {
      count,
      add: function(payload) {
        add(payload);
        return sync().then(count);
      },
      removeHead: function(count2) {
        removeHead(count2);
        return sync();
      },
      iterator,
      getAll,
      getAllPayloads,
      setUseLocalStorage: function(use) {
        useLocalStorage = use;
      }
    };
  }
  function newOutQueue(configuration, sharedState) {
    var _a;
    var eventStore = (_a = configuration.eventStore) !== null && _a !== void 0 ? _a : newLocalStorageEventStore(configuration);
    configuration.eventStore = eventStore;
    var emitter = newEmitter(configuration);
    sharedState.bufferFlushers.push(emitter.flush);
    return {
      enqueueRequest: emitter.input,
      executeQueue: emitter.flush,
      setAnonymousTracking: emitter.setAnonymousTracking,
      setCollectorUrl: emitter.setCollectorUrl,
      setBufferSize: emitter.setBufferSize,
      setUseLocalStorage: function(localStorage) {
        if (eventStore.hasOwnProperty("setUseLocalStorage")) {
          var localStorageStore = eventStore;
          localStorageStore.setUseLocalStorage(localStorage);
        }
      }
    };
  }
  function getParameter(url, name) {
    var e = new RegExp("^(?:https?|ftp)(?::/*(?:[^?]+))([?][^#]+)"), matches = e.exec(url);
    if (matches && (matches === null || matches === void 0 ? void 0 : matches.length) > 1) {
      return fromQuerystring(name, matches[1]);
    }
    return null;
  }
  function fixupUrl(hostName, href, referrer) {
    var _a;
    if (hostName === "translate.googleusercontent.com") {
      if (referrer === "") {
        referrer = href;
      }
      href = (_a = getParameter(href, "u")) !== null && _a !== void 0 ? _a : "";
      hostName = getHostName(href);
    } else if (hostName === "cc.bingj.com" || // Bing & Yahoo
    hostName === "webcache.googleusercontent.com") {
      href = document.links[0].href;
      hostName = getHostName(href);
    }
    return [hostName, href, referrer];
  }
  var cookieDisabledIndex = 0;
  var domainUserIdIndex = 1;
  var createTsIndex = 2;
  var visitCountIndex = 3;
  var nowTsIndex = 4;
  var lastVisitTsIndex = 5;
  var sessionIdIndex = 6;
  var previousSessionIdIndex = 7;
  var firstEventIdIndex = 8;
  var firstEventTsInMsIndex = 9;
  var eventIndexIndex = 10;
  function emptyIdCookie() {
    var idCookie = ["1", "", 0, 0, 0, void 0, "", "", "", void 0, 0];
    return idCookie;
  }
  function parseIdCookie(id, domainUserId, memorizedSessionId, memorizedVisitCount) {
    var now = /* @__PURE__ */ new Date(), nowTs = Math.round(now.getTime() / 1e3), tmpContainer;
    if (id) {
      tmpContainer = id.split(".");
      tmpContainer.unshift("0");
    } else {
      tmpContainer = [
        // cookies disabled
        "1",
        // Domain user ID
        domainUserId,
        // Creation timestamp - seconds since Unix epoch
        nowTs,
        // visitCount - 0 = no previous visit
        memorizedVisitCount,
        // Current visit timestamp
        nowTs,
        // Last visit timestamp - blank meaning no previous visit
        "",
        // Session ID
        memorizedSessionId
      ];
    }
    if (!tmpContainer[sessionIdIndex] || tmpContainer[sessionIdIndex] === "undefined") {
      tmpContainer[sessionIdIndex] = v4_default();
    }
    if (!tmpContainer[previousSessionIdIndex] || tmpContainer[previousSessionIdIndex] === "undefined") {
      tmpContainer[previousSessionIdIndex] = "";
    }
    if (!tmpContainer[firstEventIdIndex] || tmpContainer[firstEventIdIndex] === "undefined") {
      tmpContainer[firstEventIdIndex] = "";
    }
    if (!tmpContainer[firstEventTsInMsIndex] || tmpContainer[firstEventTsInMsIndex] === "undefined") {
      tmpContainer[firstEventTsInMsIndex] = "";
    }
    if (!tmpContainer[eventIndexIndex] || tmpContainer[eventIndexIndex] === "undefined") {
      tmpContainer[eventIndexIndex] = 0;
    }
    var parseIntOr = function(value, defaultValue) {
      var parsed2 = parseInt(value);
      return isNaN(parsed2) ? defaultValue : parsed2;
    };
    var parseIntOrUndefined = function(value) {
      return value ? parseIntOr(value, void 0) : void 0;
    };
    var parsed = [
      tmpContainer[cookieDisabledIndex],
      tmpContainer[domainUserIdIndex],
      parseIntOr(tmpContainer[createTsIndex], nowTs),
      parseIntOr(tmpContainer[visitCountIndex], memorizedVisitCount),
      parseIntOr(tmpContainer[nowTsIndex], nowTs),
      parseIntOrUndefined(tmpContainer[lastVisitTsIndex]),
      tmpContainer[sessionIdIndex],
      tmpContainer[previousSessionIdIndex],
      tmpContainer[firstEventIdIndex],
      parseIntOrUndefined(tmpContainer[firstEventTsInMsIndex]),
      parseIntOr(tmpContainer[eventIndexIndex], 0)
    ];
    return parsed;
  }
  function initializeDomainUserId(idCookie, configAnonymousTracking) {
    var domainUserId;
    if (idCookie[domainUserIdIndex]) {
      domainUserId = idCookie[domainUserIdIndex];
    } else if (!configAnonymousTracking) {
      domainUserId = v4_default();
      idCookie[domainUserIdIndex] = domainUserId;
    } else {
      domainUserId = "";
      idCookie[domainUserIdIndex] = domainUserId;
    }
    return domainUserId;
  }
  function startNewIdCookieSession(idCookie, options) {
    if (options === void 0) {
      options = { memorizedVisitCount: 1 };
    }
    var memorizedVisitCount = options.memorizedVisitCount;
    if (cookiesEnabledInIdCookie(idCookie)) {
      idCookie[previousSessionIdIndex] = idCookie[sessionIdIndex];
      idCookie[lastVisitTsIndex] = idCookie[nowTsIndex];
      idCookie[visitCountIndex]++;
    } else {
      idCookie[visitCountIndex] = memorizedVisitCount;
    }
    var sessionId = v4_default();
    idCookie[sessionIdIndex] = sessionId;
    idCookie[eventIndexIndex] = 0;
    idCookie[firstEventIdIndex] = "";
    idCookie[firstEventTsInMsIndex] = void 0;
    return sessionId;
  }
  function updateNowTsInIdCookie(idCookie) {
    idCookie[nowTsIndex] = Math.round((/* @__PURE__ */ new Date()).getTime() / 1e3);
  }
  function updateFirstEventInIdCookie(idCookie, payloadBuilder2) {
    if (idCookie[eventIndexIndex] === 0) {
      var payload = payloadBuilder2.build();
      idCookie[firstEventIdIndex] = payload["eid"];
      var ts = payload["dtm"] || payload["ttm"];
      idCookie[firstEventTsInMsIndex] = ts ? parseInt(ts) : void 0;
    }
  }
  function incrementEventIndexInIdCookie(idCookie) {
    idCookie[eventIndexIndex] += 1;
  }
  function serializeIdCookie(idCookie, configAnonymousTracking) {
    var anonymizedIdCookie = __spreadArray([], idCookie, true);
    if (configAnonymousTracking) {
      anonymizedIdCookie[domainUserIdIndex] = "";
      anonymizedIdCookie[previousSessionIdIndex] = "";
    }
    anonymizedIdCookie.shift();
    return anonymizedIdCookie.join(".");
  }
  function clientSessionFromIdCookie(idCookie, configStateStorageStrategy, configAnonymousTracking) {
    var firstEventTsInMs = idCookie[firstEventTsInMsIndex];
    var clientSession = {
      userId: configAnonymousTracking ? "00000000-0000-0000-0000-000000000000" : idCookie[domainUserIdIndex],
      sessionId: idCookie[sessionIdIndex],
      eventIndex: idCookie[eventIndexIndex],
      sessionIndex: idCookie[visitCountIndex],
      previousSessionId: configAnonymousTracking ? null : idCookie[previousSessionIdIndex] || null,
      storageMechanism: configStateStorageStrategy == "localStorage" ? "LOCAL_STORAGE" : "COOKIE_1",
      firstEventId: idCookie[firstEventIdIndex] || null,
      firstEventTimestamp: firstEventTsInMs ? new Date(firstEventTsInMs).toISOString() : null
    };
    return clientSession;
  }
  function sessionIdFromIdCookie(idCookie) {
    return idCookie[sessionIdIndex];
  }
  function domainUserIdFromIdCookie(idCookie) {
    return idCookie[domainUserIdIndex];
  }
  function visitCountFromIdCookie(idCookie) {
    return idCookie[visitCountIndex];
  }
  function cookiesEnabledInIdCookie(idCookie) {
    return idCookie[cookieDisabledIndex] === "0";
  }
  function eventIndexFromIdCookie(idCookie) {
    return idCookie[eventIndexIndex];
  }
  var WEB_PAGE_SCHEMA = "iglu:com.snowplowanalytics.snowplow/web_page/jsonschema/1-0-0";
  var BROWSER_CONTEXT_SCHEMA = "iglu:com.snowplowanalytics.snowplow/browser_context/jsonschema/2-0-0";
  var CLIENT_SESSION_SCHEMA = "iglu:com.snowplowanalytics.snowplow/client_session/jsonschema/1-0-2";
  var APPLICATION_CONTEXT_SCHEMA = "iglu:com.snowplowanalytics.snowplow/application/jsonschema/1-0-0";
  var ACTIVITY_METRICS_SCHEMA = "iglu:com.snowplowanalytics.snowplow/activity_metrics/jsonschema/1-0-0";
  function useResizeObserver() {
    return "ResizeObserver" in window;
  }
  var resizeObserverInitialized = false;
  var readBrowserPropertiesTask = null;
  function initializeResizeObserver() {
    if (resizeObserverInitialized) {
      return;
    }
    if (!document || !document.body || !document.documentElement) {
      return;
    }
    resizeObserverInitialized = true;
    var resizeObserver = new ResizeObserver(function() {
      if (!readBrowserPropertiesTask) {
        readBrowserPropertiesTask = requestAnimationFrame(function() {
          readBrowserPropertiesTask = null;
          cachedProperties = readBrowserProperties();
        });
      }
    });
    resizeObserver.observe(document.body);
    resizeObserver.observe(document.documentElement);
  }
  var cachedProperties;
  function getBrowserProperties() {
    if (!useResizeObserver()) {
      return readBrowserProperties();
    }
    if (!cachedProperties) {
      cachedProperties = readBrowserProperties();
    }
    initializeResizeObserver();
    return cachedProperties;
  }
  function readBrowserProperties() {
    return {
      viewport: detectViewport(),
      documentSize: detectDocumentSize(),
      resolution: detectScreenResolution(),
      colorDepth: screen.colorDepth,
      devicePixelRatio: window.devicePixelRatio,
      cookiesEnabled: window.navigator.cookieEnabled,
      online: window.navigator.onLine,
      browserLanguage: window.navigator.language || window.navigator.userLanguage,
      documentLanguage: document.documentElement.lang,
      webdriver: window.navigator.webdriver,
      deviceMemory: window.navigator.deviceMemory,
      hardwareConcurrency: Math.floor(window.navigator.hardwareConcurrency) || void 0
    };
  }
  function detectViewport() {
    var width, height;
    if ("innerWidth" in window) {
      width = window["innerWidth"];
      height = window["innerHeight"];
    } else {
      var e = document.documentElement || document.body;
      width = e["clientWidth"];
      height = e["clientHeight"];
    }
    return makeDimension(Math.max(0, width), Math.max(0, height));
  }
  function detectDocumentSize() {
    var de = document.documentElement, be = document.body, bodyHeight = be ? Math.max(be.offsetHeight, be.scrollHeight) : 0;
    return makeDimension(Math.max(de.clientWidth, de.offsetWidth, de.scrollWidth), Math.max(de.clientHeight, de.offsetHeight, de.scrollHeight, bodyHeight));
  }
  function detectScreenResolution() {
    return makeDimension(screen.width, screen.height);
  }
  function makeDimension(width, height) {
    if (isNaN(width) || isNaN(height)) {
      return null;
    }
    return Math.floor(width) + "x" + Math.floor(height);
  }
  function newCookie(name) {
    var flushTimer;
    var lastSetValueArgs;
    var cacheExpireAt;
    var flushed = true;
    var flushTimeout = 10;
    var maxCacheTtl = 0.05;
    function getValue() {
      var _a;
      if (lastSetValueArgs && (!cacheExpireAt || cacheExpireAt > /* @__PURE__ */ new Date())) {
        return (_a = lastSetValueArgs[0]) !== null && _a !== void 0 ? _a : cookie(name);
      }
      return cookie(name);
    }
    function setValue(value, ttl, path, domain, samesite, secure) {
      lastSetValueArgs = [value, ttl, path, domain, samesite, secure];
      flushed = false;
      if (flushTimer === void 0) {
        flushTimer = setTimeout(function() {
          flushTimer = void 0;
          flush();
        }, flushTimeout);
      }
      cacheExpireAt = new Date(Date.now() + Math.min(maxCacheTtl, ttl !== null && ttl !== void 0 ? ttl : maxCacheTtl) * 1e3);
      return true;
    }
    function deleteValue(path, domainName, sameSite, secure) {
      lastSetValueArgs = void 0;
      flushed = true;
      if (flushTimer !== void 0) {
        clearTimeout(flushTimer);
        flushTimer = void 0;
      }
      deleteCookie(name, path, domainName, sameSite, secure);
    }
    function flush() {
      if (flushTimer !== void 0) {
        clearTimeout(flushTimer);
        flushTimer = void 0;
      }
      if (flushed) {
        return;
      }
      flushed = true;
      if (lastSetValueArgs !== void 0) {
        var value = lastSetValueArgs[0], ttl = lastSetValueArgs[1], path = lastSetValueArgs[2], domain = lastSetValueArgs[3], samesite = lastSetValueArgs[4], secure = lastSetValueArgs[5];
        cookie(name, value, ttl, path, domain, samesite, secure);
      }
    }
    return {
      getValue,
      setValue,
      deleteValue,
      flush
    };
  }
  function newCookieStorage() {
    var cache = {};
    function getOrInitCookie(name) {
      if (!cache[name]) {
        cache[name] = newCookie(name);
      }
      return cache[name];
    }
    function getCookie(name) {
      return getOrInitCookie(name).getValue();
    }
    function setCookie(name, value, ttl, path, domain, samesite, secure) {
      return getOrInitCookie(name).setValue(value, ttl, path, domain, samesite, secure);
    }
    function deleteCookie2(name, path, domainName, sameSite, secure) {
      getOrInitCookie(name).deleteValue(path, domainName, sameSite, secure);
    }
    function clearCache() {
      cache = {};
    }
    function flush() {
      for (var _i = 0, _a = Object.values(cache); _i < _a.length; _i++) {
        var cookie_1 = _a[_i];
        cookie_1.flush();
      }
    }
    return {
      getCookie,
      setCookie,
      deleteCookie: deleteCookie2,
      clearCache,
      flush
    };
  }
  var asyncCookieStorage = newCookieStorage();
  var syncCookieStorage = {
    getCookie: cookie,
    setCookie: function(name, value, ttl, path, domain, samesite, secure) {
      cookie(name, value, ttl, path, domain, samesite, secure);
      return document.cookie.indexOf("".concat(name, "=")) !== -1;
    },
    deleteCookie,
    flush: function() {
    }
  };
  function Tracker(trackerId, namespace, version2, endpoint, sharedState, trackerConfiguration) {
    if (trackerConfiguration === void 0) {
      trackerConfiguration = {};
    }
    var browserPlugins = [];
    var newTracker2 = function(trackerId2, namespace2, version3, endpoint2, state2, trackerConfiguration2) {
      var _a, _b, _c, _d, _e, _f, _g, _h, _j, _k, _l, _m, _o, _p, _q, _r, _s, _t, _u, _v, _w;
      trackerConfiguration2.eventMethod = (_a = trackerConfiguration2.eventMethod) !== null && _a !== void 0 ? _a : "post";
      var getStateStorageStrategy = function(config) {
        var _a2;
        return (_a2 = config.stateStorageStrategy) !== null && _a2 !== void 0 ? _a2 : "cookieAndLocalStorage";
      }, getAnonymousSessionTracking = function(config) {
        var _a2;
        if (typeof config.anonymousTracking === "boolean") {
          return false;
        }
        return ((_a2 = config.anonymousTracking) === null || _a2 === void 0 ? void 0 : _a2.withSessionTracking) === true;
      }, getAnonymousServerTracking = function(config) {
        var _a2;
        if (typeof config.anonymousTracking === "boolean") {
          return false;
        }
        return ((_a2 = config.anonymousTracking) === null || _a2 === void 0 ? void 0 : _a2.withServerAnonymisation) === true;
      }, getAnonymousTracking = function(config) {
        return !!config.anonymousTracking;
      }, isBrowserContextAvailable = (_c = (_b = trackerConfiguration2 === null || trackerConfiguration2 === void 0 ? void 0 : trackerConfiguration2.contexts) === null || _b === void 0 ? void 0 : _b.browser) !== null && _c !== void 0 ? _c : false, isWebPageContextAvailable = (_e = (_d = trackerConfiguration2 === null || trackerConfiguration2 === void 0 ? void 0 : trackerConfiguration2.contexts) === null || _d === void 0 ? void 0 : _d.webPage) !== null && _e !== void 0 ? _e : true, getExtendedCrossDomainTrackingConfiguration = function(crossDomainTrackingConfig) {
        if (typeof crossDomainTrackingConfig === "boolean") {
          return { useExtendedCrossDomainLinker: crossDomainTrackingConfig };
        }
        return {
          useExtendedCrossDomainLinker: true,
          collectCrossDomainAttributes: crossDomainTrackingConfig
        };
      };
      var cookieStorage = trackerConfiguration2.synchronousCookieWrite ? syncCookieStorage : asyncCookieStorage;
      browserPlugins.push(getBrowserDataPlugin());
      if (isWebPageContextAvailable) {
        browserPlugins.push(getWebPagePlugin());
      }
      if (isBrowserContextAvailable) {
        browserPlugins.push(getBrowserContextPlugin());
      }
      browserPlugins.push.apply(browserPlugins, (_f = trackerConfiguration2.plugins) !== null && _f !== void 0 ? _f : []);
      var core = trackerCore({
        base64: (_g = trackerConfiguration2.encodeBase64) !== null && _g !== void 0 ? _g : trackerConfiguration2.eventMethod !== "post",
        corePlugins: browserPlugins,
        callback: sendRequest
      }), documentCharset = document.characterSet || document.charset, locationArray = fixupUrl(window.location.hostname, window.location.href, getReferrer()), domainAlias = fixupDomain(locationArray[0]), locationHrefAlias = locationArray[1], configReferrerUrl = locationArray[2], customReferrer, configPlatform = (_h = trackerConfiguration2.platform) !== null && _h !== void 0 ? _h : "web", configTrackerSiteId = (_j = trackerConfiguration2.appId) !== null && _j !== void 0 ? _j : "", configAppVersion = trackerConfiguration2.appVersion, configCustomUrl, lastDocumentTitle = document.title, lastConfigTitle, lastConfigTitleFromTrackPageView = false, resetActivityTrackingOnPageView = (_k = trackerConfiguration2.resetActivityTrackingOnPageView) !== null && _k !== void 0 ? _k : true, configDiscardHashTag, configDiscardBrace, configCookieNamePrefix = (_l = trackerConfiguration2.cookieName) !== null && _l !== void 0 ? _l : "_sp_", configCookieDomain = (_m = trackerConfiguration2.cookieDomain) !== null && _m !== void 0 ? _m : void 0, discoverRootDomain = (_o = trackerConfiguration2.discoverRootDomain) !== null && _o !== void 0 ? _o : configCookieDomain === void 0, configCookiePath = "/", configCookieSameSite = (_p = trackerConfiguration2.cookieSameSite) !== null && _p !== void 0 ? _p : "Lax", configCookieSecure = (_q = trackerConfiguration2.cookieSecure) !== null && _q !== void 0 ? _q : true, dnt = window.navigator.doNotTrack || window.navigator.msDoNotTrack || window.doNotTrack, configDoNotTrack = typeof trackerConfiguration2.respectDoNotTrack !== "undefined" ? trackerConfiguration2.respectDoNotTrack && (dnt === "yes" || dnt === "1") : false, configOptOutCookie, configVisitorCookieTimeout = (_r = trackerConfiguration2.cookieLifetime) !== null && _r !== void 0 ? _r : 63072e3, configSessionCookieTimeout = (_s = trackerConfiguration2.sessionCookieTimeout) !== null && _s !== void 0 ? _s : 1800, configAnonymousSessionTracking = getAnonymousSessionTracking(trackerConfiguration2), configAnonymousServerTracking = getAnonymousServerTracking(trackerConfiguration2), configAnonymousTracking = getAnonymousTracking(trackerConfiguration2), configStateStorageStrategy = getStateStorageStrategy(trackerConfiguration2), lastActivityTime, lastEventTime = (/* @__PURE__ */ new Date()).getTime(), minXOffset, maxXOffset, minYOffset, maxYOffset, activityMetricsState = {
        metrics: { mouseDistance: 0, scrollDistance: 0, keyPresses: 0, clicks: 0, touches: 0 },
        lastMouseX: void 0,
        lastMouseY: void 0,
        lastScrollX: void 0,
        lastScrollY: void 0
      }, domainHash, domainUserId, memorizedSessionId, memorizedVisitCount = 1, businessUserId, outQueue = newOutQueue(__assign({ trackerId: trackerId2, endpoint: asCollectorUrl(endpoint2), serverAnonymization: configAnonymousServerTracking, useLocalStorage: configStateStorageStrategy == "localStorage" || configStateStorageStrategy == "cookieAndLocalStorage" }, trackerConfiguration2), state2), preservePageViewId2 = false, preservePageViewIdForUrl = (_t = trackerConfiguration2.preservePageViewIdForUrl) !== null && _t !== void 0 ? _t : false, lastSentPageViewId = void 0, activityTrackingConfig = {
        enabled: false,
        installed: false,
        configurations: {}
      }, configSessionContext = (_v = (_u = trackerConfiguration2.contexts) === null || _u === void 0 ? void 0 : _u.session) !== null && _v !== void 0 ? _v : false, configDisableSessionInWebView = (_w = trackerConfiguration2.disableSessionContextWithinWebView) !== null && _w !== void 0 ? _w : false, toOptoutByCookie, onSessionUpdateCallback = trackerConfiguration2.onSessionUpdateCallback, manualSessionUpdateCalled = false, _x = getExtendedCrossDomainTrackingConfiguration(trackerConfiguration2.useExtendedCrossDomainLinker || false), useExtendedCrossDomainLinker = _x.useExtendedCrossDomainLinker, collectCrossDomainAttributes = _x.collectCrossDomainAttributes;
      if (discoverRootDomain && !configCookieDomain) {
        configCookieDomain = findRootDomain(configCookieSameSite, configCookieSecure);
      }
      var cookiesEnabled = window.navigator.cookieEnabled;
      var colorDepth = screen.colorDepth;
      var browserLanguage = window.navigator.language || window.navigator.userLanguage;
      var resolution = makeDimension(screen.width, screen.height);
      var timeZone = getTimeZone();
      core.setTrackerVersion(version3);
      core.setTrackerNamespace(namespace2);
      core.setAppId(configTrackerSiteId);
      core.setPlatform(configPlatform);
      core.addPayloadPair("cookie", cookiesEnabled ? "1" : "0");
      core.addPayloadPair("cs", documentCharset);
      core.addPayloadPair("lang", browserLanguage);
      core.addPayloadPair("res", resolution);
      core.addPayloadPair("cd", colorDepth);
      if (timeZone)
        core.addPayloadPair("tz", timeZone);
      if (configAppVersion) {
        core.addPlugin({
          plugin: {
            contexts: function() {
              return [
                {
                  schema: APPLICATION_CONTEXT_SCHEMA,
                  data: { version: configAppVersion }
                }
              ];
            }
          }
        });
      }
      updateDomainHash();
      initializeIdsAndCookies();
      if (trackerConfiguration2.preserveOriginalReferrer && configReferrerUrl) {
        customReferrer = configReferrerUrl;
      }
      if (trackerConfiguration2.crossDomainLinker) {
        decorateLinks(trackerConfiguration2.crossDomainLinker);
      }
      function refreshUrl() {
        locationArray = fixupUrl(window.location.hostname, window.location.href, getReferrer());
        if (locationArray[1] !== locationHrefAlias) {
          configReferrerUrl = getReferrer(locationHrefAlias);
        }
        domainAlias = fixupDomain(locationArray[0]);
        locationHrefAlias = locationArray[1];
      }
      function addLinkDecorationHandler(extended) {
        var CROSS_DOMAIN_PARAMETER_NAME = "_sp";
        return function(evt) {
          var elt = evt.currentTarget;
          var crossDomainParameterValue = createCrossDomainParameterValue(extended, collectCrossDomainAttributes, {
            domainUserId,
            userId: businessUserId || void 0,
            sessionId: memorizedSessionId,
            sourceId: configTrackerSiteId,
            sourcePlatform: configPlatform,
            event: evt
          });
          if (elt === null || elt === void 0 ? void 0 : elt.href) {
            elt.href = decorateQuerystring(elt.href, CROSS_DOMAIN_PARAMETER_NAME, crossDomainParameterValue);
          }
        };
      }
      function decorateLinks(crossDomainLinker2) {
        var crossDomainLinkHandler = addLinkDecorationHandler(useExtendedCrossDomainLinker);
        for (var i = 0; i < document.links.length; i++) {
          var elt = document.links[i];
          if (!elt.spDecorationEnabled && crossDomainLinker2(elt)) {
            elt.addEventListener("click", crossDomainLinkHandler, true);
            elt.addEventListener("mousedown", crossDomainLinkHandler, true);
            elt.spDecorationEnabled = true;
          }
        }
      }
      function purify(url) {
        var targetPattern;
        if (configDiscardHashTag) {
          targetPattern = new RegExp("#.*");
          url = url.replace(targetPattern, "");
        }
        if (configDiscardBrace) {
          targetPattern = new RegExp("[{}]", "g");
          url = url.replace(targetPattern, "");
        }
        return url;
      }
      function getProtocolScheme(url) {
        var e = new RegExp("^([a-z][a-z0-9+\\-.]*):", "i"), matches = e.exec(url);
        var MAX_SCHEME_LENGTH = 16;
        return matches && matches[1].length <= MAX_SCHEME_LENGTH ? matches[1] : null;
      }
      function resolveRelativeReference(baseUrl, url) {
        var protocol = getProtocolScheme(url), i;
        if (protocol) {
          return url;
        }
        if (url.slice(0, 1) === "/") {
          return getProtocolScheme(baseUrl) + "://" + getHostName(baseUrl) + url;
        }
        baseUrl = purify(baseUrl);
        if ((i = baseUrl.indexOf("?")) >= 0) {
          baseUrl = baseUrl.slice(0, i);
        }
        if ((i = baseUrl.lastIndexOf("/")) !== baseUrl.length - 1) {
          baseUrl = baseUrl.slice(0, i + 1);
        }
        return baseUrl + url;
      }
      function sendRequest(request) {
        if (!(configDoNotTrack || toOptoutByCookie)) {
          outQueue.enqueueRequest(request.build());
        }
      }
      function getSnowplowCookieName(baseName) {
        return configCookieNamePrefix + baseName + "." + domainHash;
      }
      function getSnowplowCookieValue(cookieName) {
        var fullName = getSnowplowCookieName(cookieName);
        if (configStateStorageStrategy == "localStorage") {
          return attemptGetLocalStorage(fullName);
        } else if (configStateStorageStrategy == "cookie" || configStateStorageStrategy == "cookieAndLocalStorage") {
          return cookieStorage.getCookie(fullName);
        }
        return void 0;
      }
      function updateDomainHash() {
        refreshUrl();
        domainHash = sha1((configCookieDomain || domainAlias) + (configCookiePath || "/")).slice(0, 4);
      }
      function activityHandler(event) {
        var now = /* @__PURE__ */ new Date();
        lastActivityTime = now.getTime();
        if (isActivityMetricsEnabled() && event) {
          switch (event.type) {
            case "mousemove": {
              var me = event;
              if (activityMetricsState.lastMouseX !== void 0 && activityMetricsState.lastMouseY !== void 0) {
                var dx = me.clientX - activityMetricsState.lastMouseX;
                var dy = me.clientY - activityMetricsState.lastMouseY;
                activityMetricsState.metrics.mouseDistance += Math.sqrt(dx * dx + dy * dy);
              }
              activityMetricsState.lastMouseX = me.clientX;
              activityMetricsState.lastMouseY = me.clientY;
              break;
            }
            case "click":
              activityMetricsState.metrics.clicks++;
              break;
            case "keydown":
              activityMetricsState.metrics.keyPresses++;
              break;
            case "touchstart":
              activityMetricsState.metrics.touches++;
              break;
          }
        }
      }
      function scrollHandler() {
        activityHandler();
        var offsets = getPageOffsets();
        var x = offsets[0];
        if (x < minXOffset) {
          minXOffset = x;
        } else if (x > maxXOffset) {
          maxXOffset = x;
        }
        var y = offsets[1];
        if (y < minYOffset) {
          minYOffset = y;
        } else if (y > maxYOffset) {
          maxYOffset = y;
        }
        if (isActivityMetricsEnabled()) {
          if (activityMetricsState.lastScrollX !== void 0 && activityMetricsState.lastScrollY !== void 0) {
            activityMetricsState.metrics.scrollDistance += Math.abs(x - activityMetricsState.lastScrollX) + Math.abs(y - activityMetricsState.lastScrollY);
          }
          activityMetricsState.lastScrollX = x;
          activityMetricsState.lastScrollY = y;
        }
      }
      function getPageOffsets() {
        var documentElement = document.documentElement;
        if (documentElement) {
          return [documentElement.scrollLeft || window.pageXOffset, documentElement.scrollTop || window.pageYOffset];
        }
        return [0, 0];
      }
      function resetMaxScrolls() {
        var offsets = getPageOffsets();
        var x = offsets[0];
        minXOffset = x;
        maxXOffset = x;
        var y = offsets[1];
        minYOffset = y;
        maxYOffset = y;
      }
      function isActivityMetricsEnabled() {
        var _a2, _b2;
        return !!(((_a2 = activityTrackingConfig.configurations.pagePing) === null || _a2 === void 0 ? void 0 : _a2.activityMetrics) || ((_b2 = activityTrackingConfig.configurations.callback) === null || _b2 === void 0 ? void 0 : _b2.activityMetrics));
      }
      function resetActivityMetricsState() {
        activityMetricsState.metrics = { mouseDistance: 0, scrollDistance: 0, keyPresses: 0, clicks: 0, touches: 0 };
        activityMetricsState.lastMouseX = void 0;
        activityMetricsState.lastMouseY = void 0;
        activityMetricsState.lastScrollX = void 0;
        activityMetricsState.lastScrollY = void 0;
      }
      function getActivityMetrics() {
        return __assign(__assign({}, activityMetricsState.metrics), { mouseDistance: Math.round(activityMetricsState.metrics.mouseDistance), scrollDistance: Math.round(activityMetricsState.metrics.scrollDistance) });
      }
      function cleanOffset(offset) {
        return Math.round(offset);
      }
      function setSessionCookie() {
        var cookieName = getSnowplowCookieName("ses");
        var cookieValue = "*";
        return persistValue(cookieName, cookieValue, configSessionCookieTimeout);
      }
      function setDomainUserIdCookie(idCookie) {
        var cookieName = getSnowplowCookieName("id");
        var cookieValue = serializeIdCookie(idCookie, configAnonymousTracking);
        return persistValue(cookieName, cookieValue, configVisitorCookieTimeout);
      }
      function persistValue(name, value, timeout) {
        if (configAnonymousTracking && !configAnonymousSessionTracking) {
          return false;
        }
        if (configStateStorageStrategy == "localStorage") {
          return attemptWriteLocalStorage(name, value, timeout);
        } else if (configStateStorageStrategy == "cookie" || configStateStorageStrategy == "cookieAndLocalStorage") {
          return cookieStorage.setCookie(name, value, timeout, configCookiePath, configCookieDomain, configCookieSameSite, configCookieSecure);
        }
        return false;
      }
      function clearUserDataAndCookies(configuration) {
        var idname = getSnowplowCookieName("id");
        var sesname = getSnowplowCookieName("ses");
        attemptDeleteLocalStorage(idname);
        attemptDeleteLocalStorage(sesname);
        cookieStorage.deleteCookie(idname, configCookiePath, configCookieDomain, configCookieSameSite, configCookieSecure);
        cookieStorage.deleteCookie(sesname, configCookiePath, configCookieDomain, configCookieSameSite, configCookieSecure);
        if (!(configuration === null || configuration === void 0 ? void 0 : configuration.preserveSession)) {
          memorizedSessionId = v4_default();
          memorizedVisitCount = 1;
        }
        if (!(configuration === null || configuration === void 0 ? void 0 : configuration.preserveUser)) {
          domainUserId = configAnonymousTracking ? "" : v4_default();
          businessUserId = null;
        }
      }
      function toggleAnonymousTracking(configuration) {
        if (configuration && configuration.stateStorageStrategy) {
          trackerConfiguration2.stateStorageStrategy = configuration.stateStorageStrategy;
          configStateStorageStrategy = getStateStorageStrategy(trackerConfiguration2);
        }
        configAnonymousTracking = getAnonymousTracking(trackerConfiguration2);
        configAnonymousSessionTracking = getAnonymousSessionTracking(trackerConfiguration2);
        configAnonymousServerTracking = getAnonymousServerTracking(trackerConfiguration2);
        outQueue.setUseLocalStorage(configStateStorageStrategy == "localStorage" || configStateStorageStrategy == "cookieAndLocalStorage");
        outQueue.setAnonymousTracking(configAnonymousServerTracking);
      }
      function initializeIdsAndCookies() {
        if (configAnonymousTracking && !configAnonymousSessionTracking) {
          return;
        }
        var sesCookieSet = configStateStorageStrategy != "none" && !!getSnowplowCookieValue("ses");
        var idCookie = loadDomainUserIdCookie();
        domainUserId = initializeDomainUserId(idCookie, configAnonymousTracking);
        if (!sesCookieSet) {
          memorizedSessionId = startNewIdCookieSession(idCookie);
        } else {
          memorizedSessionId = sessionIdFromIdCookie(idCookie);
        }
        memorizedVisitCount = visitCountFromIdCookie(idCookie);
        if (configStateStorageStrategy != "none") {
          setSessionCookie();
          updateNowTsInIdCookie(idCookie);
          setDomainUserIdCookie(idCookie);
          if (!eventIndexFromIdCookie(idCookie)) {
            cookieStorage.flush();
          }
        }
      }
      function loadDomainUserIdCookie() {
        if (configStateStorageStrategy == "none") {
          return emptyIdCookie();
        }
        var id = getSnowplowCookieValue("id") || void 0;
        return parseIdCookie(id, domainUserId, memorizedSessionId, memorizedVisitCount);
      }
      function asCollectorUrl(collectorUrl) {
        if (collectorUrl.indexOf("http") === 0) {
          return collectorUrl;
        }
        return ("https:" === document.location.protocol ? "https" : "http") + "://" + collectorUrl;
      }
      function resetPageView() {
        if (!preservePageViewId2 || state2.pageViewId == null) {
          state2.pageViewId = v4_default();
          state2.pageViewUrl = configCustomUrl || locationHrefAlias;
        }
      }
      function getPageViewId() {
        if (shouldGenerateNewPageViewId()) {
          state2.pageViewId = v4_default();
          state2.pageViewUrl = configCustomUrl || locationHrefAlias;
        }
        return state2.pageViewId;
      }
      function shouldGenerateNewPageViewId() {
        if (state2.pageViewId == null) {
          return true;
        }
        if (preservePageViewId2 || !preservePageViewIdForUrl) {
          return false;
        }
        if (state2.pageViewUrl === void 0) {
          return true;
        }
        var current = configCustomUrl || locationHrefAlias;
        if (preservePageViewIdForUrl === true || preservePageViewIdForUrl == "full" || !("URL" in window)) {
          return state2.pageViewUrl != current;
        }
        var currentUrl = new URL(current);
        var previousUrl = new URL(state2.pageViewUrl);
        if (preservePageViewIdForUrl == "pathname") {
          return currentUrl.pathname != previousUrl.pathname;
        }
        if (preservePageViewIdForUrl == "pathnameAndSearch") {
          return currentUrl.pathname != previousUrl.pathname || currentUrl.search != previousUrl.search;
        }
        return false;
      }
      function getTabId() {
        if (configStateStorageStrategy === "none" || configAnonymousTracking || !isWebPageContextAvailable) {
          return null;
        }
        var SESSION_STORAGE_TAB_ID = "_sp_tab_id";
        var tabId = attemptGetSessionStorage(SESSION_STORAGE_TAB_ID);
        if (!tabId) {
          attemptWriteSessionStorage(SESSION_STORAGE_TAB_ID, v4_default());
          tabId = attemptGetSessionStorage(SESSION_STORAGE_TAB_ID);
        }
        return tabId || null;
      }
      function getWebPagePlugin() {
        return {
          contexts: function() {
            return [
              {
                schema: WEB_PAGE_SCHEMA,
                data: {
                  id: getPageViewId()
                }
              }
            ];
          }
        };
      }
      function getBrowserContextPlugin() {
        return {
          contexts: function() {
            return [
              {
                schema: BROWSER_CONTEXT_SCHEMA,
                data: __assign(__assign({}, getBrowserProperties()), { tabId: getTabId() })
              }
            ];
          }
        };
      }
      function getBrowserDataPlugin() {
        var anonymizeOr = function(value) {
          return configAnonymousTracking ? null : value;
        };
        var anonymizeSessionOr = function(value) {
          return configAnonymousSessionTracking ? value : anonymizeOr(value);
        };
        return {
          beforeTrack: function(payloadBuilder2) {
            var existingSession = getSnowplowCookieValue("ses"), idCookie = loadDomainUserIdCookie();
            var isFirstEventInSession = eventIndexFromIdCookie(idCookie) === 0;
            if (configOptOutCookie) {
              toOptoutByCookie = !!cookieStorage.getCookie(configOptOutCookie);
            } else {
              toOptoutByCookie = false;
            }
            if (configDoNotTrack || toOptoutByCookie) {
              clearUserDataAndCookies();
              return;
            }
            if (cookiesEnabledInIdCookie(idCookie)) {
              if (!existingSession && configStateStorageStrategy != "none") {
                memorizedSessionId = startNewIdCookieSession(idCookie);
              } else {
                memorizedSessionId = sessionIdFromIdCookie(idCookie);
              }
              memorizedVisitCount = visitCountFromIdCookie(idCookie);
            } else if ((/* @__PURE__ */ new Date()).getTime() - lastEventTime > configSessionCookieTimeout * 1e3) {
              memorizedVisitCount++;
              memorizedSessionId = startNewIdCookieSession(idCookie, {
                memorizedVisitCount
              });
            }
            updateNowTsInIdCookie(idCookie);
            updateFirstEventInIdCookie(idCookie, payloadBuilder2);
            incrementEventIndexInIdCookie(idCookie);
            var _a2 = getBrowserProperties(), viewport = _a2.viewport, documentSize = _a2.documentSize;
            payloadBuilder2.add("vp", viewport);
            payloadBuilder2.add("ds", documentSize);
            payloadBuilder2.add("vid", anonymizeSessionOr(memorizedVisitCount));
            payloadBuilder2.add("sid", anonymizeSessionOr(memorizedSessionId));
            payloadBuilder2.add("duid", anonymizeOr(domainUserIdFromIdCookie(idCookie)));
            payloadBuilder2.add("uid", anonymizeOr(businessUserId));
            refreshUrl();
            payloadBuilder2.add("refr", purify(customReferrer || configReferrerUrl));
            payloadBuilder2.add("url", purify(configCustomUrl || locationHrefAlias));
            var clientSession = clientSessionFromIdCookie(idCookie, configStateStorageStrategy, configAnonymousTracking);
            if (configSessionContext && (!configAnonymousTracking || configAnonymousSessionTracking) && !(configDisableSessionInWebView && isInWebView())) {
              addSessionContextToPayload(payloadBuilder2, clientSession);
            }
            if (configStateStorageStrategy != "none") {
              setDomainUserIdCookie(idCookie);
              var sessionIdentifierPersisted = setSessionCookie();
              if ((!existingSession || isFirstEventInSession) && sessionIdentifierPersisted && onSessionUpdateCallback && !manualSessionUpdateCalled) {
                cookieStorage.flush();
                onSessionUpdateCallback(clientSession);
                manualSessionUpdateCalled = false;
              }
            }
            lastEventTime = (/* @__PURE__ */ new Date()).getTime();
          }
        };
      }
      function isInWebView() {
        return !!(window.SnowplowWebInterfaceV2 || window.webkit && window.webkit.messageHandlers && window.webkit.messageHandlers.snowplowV2 || window.ReactNativeWebView);
      }
      function addSessionContextToPayload(payloadBuilder2, clientSession) {
        var sessionContext = {
          schema: CLIENT_SESSION_SCHEMA,
          data: clientSession
        };
        payloadBuilder2.addContextEntity(sessionContext);
      }
      function newSession2() {
        var idCookie = loadDomainUserIdCookie();
        if (cookiesEnabledInIdCookie(idCookie)) {
          if (configStateStorageStrategy != "none") {
            memorizedSessionId = startNewIdCookieSession(idCookie);
          } else {
            memorizedSessionId = sessionIdFromIdCookie(idCookie);
          }
          memorizedVisitCount = visitCountFromIdCookie(idCookie);
        } else {
          memorizedVisitCount++;
          memorizedSessionId = startNewIdCookieSession(idCookie, {
            memorizedVisitCount
          });
        }
        updateNowTsInIdCookie(idCookie);
        if (configStateStorageStrategy != "none") {
          var clientSession = clientSessionFromIdCookie(idCookie, configStateStorageStrategy, configAnonymousTracking);
          setDomainUserIdCookie(idCookie);
          var sessionIdentifierPersisted = setSessionCookie();
          cookieStorage.flush();
          if (sessionIdentifierPersisted && onSessionUpdateCallback) {
            manualSessionUpdateCalled = true;
            onSessionUpdateCallback(clientSession);
          }
        }
        lastEventTime = (/* @__PURE__ */ new Date()).getTime();
      }
      function finalizeContexts(staticContexts, contextCallback) {
        return (staticContexts || []).concat(contextCallback ? contextCallback() : []);
      }
      function logPageView(_a2) {
        var title = _a2.title, context = _a2.context, timestamp = _a2.timestamp, contextCallback = _a2.contextCallback;
        refreshUrl();
        if (lastSentPageViewId && lastSentPageViewId == getPageViewId()) {
          resetPageView();
        }
        lastSentPageViewId = getPageViewId();
        lastDocumentTitle = document.title;
        if (title) {
          lastConfigTitle = title;
          lastConfigTitleFromTrackPageView = true;
        } else if (lastConfigTitleFromTrackPageView) {
          lastConfigTitle = null;
        }
        var pageTitle = fixupTitle(lastConfigTitle || lastDocumentTitle);
        core.track(buildPageView({
          pageUrl: purify(configCustomUrl || locationHrefAlias),
          pageTitle,
          referrer: purify(customReferrer || configReferrerUrl)
        }), finalizeContexts(context, contextCallback), timestamp);
        var now = /* @__PURE__ */ new Date();
        var installingActivityTracking = false;
        if (activityTrackingConfig.enabled && !activityTrackingConfig.installed) {
          activityTrackingConfig.installed = true;
          installingActivityTracking = true;
          var detectPassiveEvents_1 = {
            update: function update() {
              if (typeof window !== "undefined" && typeof window.addEventListener === "function") {
                var passive_1 = false;
                var options = Object.defineProperty({}, "passive", {
                  get: function get() {
                    passive_1 = true;
                  },
                  set: function set() {
                  }
                });
                var noop = function noop2() {
                };
                window.addEventListener("testPassiveEventSupport", noop, options);
                window.removeEventListener("testPassiveEventSupport", noop, options);
                detectPassiveEvents_1.hasSupport = passive_1;
              }
            }
          };
          detectPassiveEvents_1.update();
          var wheelEvent = "onwheel" in document.createElement("div") ? "wheel" : document.onmousewheel !== void 0 ? "mousewheel" : "DOMMouseScroll";
          if (Object.prototype.hasOwnProperty.call(detectPassiveEvents_1, "hasSupport")) {
            addEventListener(document, wheelEvent, activityHandler, { passive: true });
          } else {
            addEventListener(document, wheelEvent, activityHandler);
          }
          resetMaxScrolls();
          resetActivityMetricsState();
          var documentHandlers = [
            "click",
            "mouseup",
            "mousedown",
            "mousemove",
            "keypress",
            "keydown",
            "keyup",
            "touchend",
            "touchstart"
          ];
          var windowHandlers = ["resize", "focus", "blur"];
          var listener = function(_, handler) {
            if (handler === void 0) {
              handler = activityHandler;
            }
            return function(ev) {
              return addEventListener(document, ev, handler);
            };
          };
          documentHandlers.forEach(listener(document));
          windowHandlers.forEach(listener(window));
          listener(window, scrollHandler)("scroll");
        }
        if (activityTrackingConfig.enabled && (resetActivityTrackingOnPageView || installingActivityTracking)) {
          lastActivityTime = now.getTime();
          resetActivityMetricsState();
          var key = void 0;
          for (key in activityTrackingConfig.configurations) {
            var config = activityTrackingConfig.configurations[key];
            if (config) {
              window.clearInterval(config.activityInterval);
              scheduleActivityInterval(config, context, contextCallback);
            }
          }
        }
      }
      function scheduleActivityInterval(config, context, contextCallback) {
        var executePagePing = function(cb, context2) {
          refreshUrl();
          var activityMetrics;
          if (isActivityMetricsEnabled()) {
            activityMetrics = getActivityMetrics();
            context2 = context2.concat([{ schema: ACTIVITY_METRICS_SCHEMA, data: activityMetrics }]);
          }
          cb({ context: context2, pageViewId: getPageViewId(), minXOffset, minYOffset, maxXOffset, maxYOffset, activityMetrics });
          resetMaxScrolls();
          if (isActivityMetricsEnabled()) {
            resetActivityMetricsState();
          }
        };
        var timeout = function() {
          var now = /* @__PURE__ */ new Date();
          if (lastActivityTime + config.configMinimumVisitLength > now.getTime()) {
            executePagePing(config.callback, finalizeContexts(context, contextCallback));
          }
          config.activityInterval = window.setInterval(heartbeat, config.configHeartBeatTimer);
        };
        var heartbeat = function() {
          var now = /* @__PURE__ */ new Date();
          if (lastActivityTime + config.configHeartBeatTimer > now.getTime()) {
            executePagePing(config.callback, finalizeContexts(context, contextCallback));
          }
        };
        if (config.configMinimumVisitLength === 0) {
          config.activityInterval = window.setInterval(heartbeat, config.configHeartBeatTimer);
        } else {
          config.activityInterval = window.setTimeout(timeout, config.configMinimumVisitLength);
        }
      }
      function configureActivityTracking(configuration) {
        var minimumVisitLength = configuration.minimumVisitLength, heartbeatDelay = configuration.heartbeatDelay, callback = configuration.callback;
        if (isInteger(minimumVisitLength) && isInteger(heartbeatDelay)) {
          return {
            configMinimumVisitLength: minimumVisitLength * 1e3,
            configHeartBeatTimer: heartbeatDelay * 1e3,
            callback,
            activityMetrics: configuration.activityMetrics
          };
        }
        LOG.error("Activity tracking minimumVisitLength & heartbeatDelay must be integers");
        return void 0;
      }
      function logPagePing(_a2) {
        var context = _a2.context, minXOffset2 = _a2.minXOffset, minYOffset2 = _a2.minYOffset, maxXOffset2 = _a2.maxXOffset, maxYOffset2 = _a2.maxYOffset;
        var newDocumentTitle = document.title;
        if (newDocumentTitle !== lastDocumentTitle) {
          lastDocumentTitle = newDocumentTitle;
          lastConfigTitle = void 0;
        }
        core.track(buildPagePing({
          pageUrl: purify(configCustomUrl || locationHrefAlias),
          pageTitle: fixupTitle(lastConfigTitle || lastDocumentTitle),
          referrer: purify(customReferrer || configReferrerUrl),
          minXOffset: cleanOffset(minXOffset2),
          maxXOffset: cleanOffset(maxXOffset2),
          minYOffset: cleanOffset(minYOffset2),
          maxYOffset: cleanOffset(maxYOffset2)
        }), context);
      }
      function disableActivityTrackingAction(actionKey) {
        var callbackConfiguration = activityTrackingConfig.configurations[actionKey];
        if ((callbackConfiguration === null || callbackConfiguration === void 0 ? void 0 : callbackConfiguration.configMinimumVisitLength) === 0) {
          window.clearTimeout(callbackConfiguration === null || callbackConfiguration === void 0 ? void 0 : callbackConfiguration.activityInterval);
        } else {
          window.clearInterval(callbackConfiguration === null || callbackConfiguration === void 0 ? void 0 : callbackConfiguration.activityInterval);
        }
        activityTrackingConfig.configurations[actionKey] = void 0;
        if (!activityTrackingConfig.configurations.pagePing && !activityTrackingConfig.configurations.callback) {
          resetActivityMetricsState();
        }
      }
      var apiMethods = {
        getDomainSessionIndex: function() {
          return memorizedVisitCount;
        },
        getPageViewId,
        getTabId,
        newSession: newSession2,
        getCookieName: function(basename) {
          return getSnowplowCookieName(basename);
        },
        getUserId: function() {
          return businessUserId;
        },
        getDomainUserId: function() {
          return loadDomainUserIdCookie()[1];
        },
        getDomainUserInfo: function() {
          return loadDomainUserIdCookie();
        },
        getDomainSessionId: function() {
          return memorizedSessionId || sessionIdFromIdCookie(loadDomainUserIdCookie());
        },
        setReferrerUrl: function(url) {
          customReferrer = url;
        },
        setCustomUrl: function(url) {
          refreshUrl();
          configCustomUrl = resolveRelativeReference(locationHrefAlias, url);
        },
        setDocumentTitle: function(title) {
          lastDocumentTitle = document.title;
          lastConfigTitle = title;
          lastConfigTitleFromTrackPageView = false;
        },
        discardHashTag: function(enableFilter) {
          configDiscardHashTag = enableFilter;
        },
        discardBrace: function(enableFilter) {
          configDiscardBrace = enableFilter;
        },
        setCookiePath: function(path) {
          configCookiePath = path;
          updateDomainHash();
        },
        setVisitorCookieTimeout: function(timeout) {
          configVisitorCookieTimeout = timeout;
        },
        crossDomainLinker: function(crossDomainLinkerCriterion) {
          decorateLinks(crossDomainLinkerCriterion);
        },
        enableActivityTracking: function(configuration) {
          if (!activityTrackingConfig.configurations.pagePing) {
            activityTrackingConfig.enabled = true;
            activityTrackingConfig.configurations.pagePing = configureActivityTracking(__assign(__assign({}, configuration), { callback: logPagePing }));
          }
        },
        enableActivityTrackingCallback: function(configuration) {
          if (!activityTrackingConfig.configurations.callback) {
            activityTrackingConfig.enabled = true;
            activityTrackingConfig.configurations.callback = configureActivityTracking(configuration);
          }
        },
        disableActivityTracking: function() {
          disableActivityTrackingAction("pagePing");
        },
        disableActivityTrackingCallback: function() {
          disableActivityTrackingAction("callback");
        },
        updatePageActivity: function() {
          activityHandler();
        },
        setOptOutCookie: function(name) {
          configOptOutCookie = name;
        },
        setUserId: function(userId) {
          businessUserId = userId;
        },
        setUserIdFromLocation: function(querystringField) {
          refreshUrl();
          businessUserId = fromQuerystring(querystringField, locationHrefAlias);
        },
        setUserIdFromReferrer: function(querystringField) {
          refreshUrl();
          businessUserId = fromQuerystring(querystringField, configReferrerUrl);
        },
        setUserIdFromCookie: function(cookieName) {
          businessUserId = cookieStorage.getCookie(cookieName);
        },
        setCollectorUrl: function(collectorUrl) {
          outQueue.setCollectorUrl(asCollectorUrl(collectorUrl));
        },
        setBufferSize: function(newBufferSize) {
          outQueue.setBufferSize(newBufferSize);
        },
        flushBuffer: function(configuration) {
          if (configuration === void 0) {
            configuration = {};
          }
          outQueue.executeQueue();
          if (configuration.newBufferSize) {
            outQueue.setBufferSize(configuration.newBufferSize);
          }
        },
        trackPageView: function(event) {
          if (event === void 0) {
            event = {};
          }
          logPageView(event);
        },
        preservePageViewId: function() {
          preservePageViewId2 = true;
        },
        preservePageViewIdForUrl: function(preserve) {
          preservePageViewIdForUrl = preserve;
        },
        disableAnonymousTracking: function(configuration) {
          var shouldResumeSession = (configuration === null || configuration === void 0 ? void 0 : configuration.stateStorageStrategy) && // a new strategy was defined (otherwise will already resume)
          configuration.stateStorageStrategy !== configStateStorageStrategy && // new strategy is different to old one (otherwise will already resume)
          (!configAnonymousTracking || configAnonymousSessionTracking) && // we were previously tracking session IDs (otherwise nothing to resume)
          getSnowplowCookieValue("ses");
          trackerConfiguration2.anonymousTracking = false;
          toggleAnonymousTracking(configuration);
          if (shouldResumeSession)
            setSessionCookie();
          initializeIdsAndCookies();
          outQueue.executeQueue();
        },
        enableAnonymousTracking: function(configuration) {
          var _a2;
          trackerConfiguration2.anonymousTracking = (_a2 = configuration && (configuration === null || configuration === void 0 ? void 0 : configuration.options)) !== null && _a2 !== void 0 ? _a2 : true;
          toggleAnonymousTracking(configuration);
          if (!configAnonymousSessionTracking) {
            resetPageView();
          }
        },
        clearUserData: clearUserDataAndCookies
      };
      return __assign(__assign({}, apiMethods), { id: trackerId2, namespace: namespace2, core, sharedState: state2 });
    };
    var partialTracker = newTracker2(trackerId, namespace, version2, endpoint, sharedState, trackerConfiguration), tracker = __assign(__assign({}, partialTracker), { addPlugin: function(configuration) {
      var _a, _b;
      tracker.core.addPlugin(configuration);
      (_b = (_a = configuration.plugin).activateBrowserPlugin) === null || _b === void 0 ? void 0 : _b.call(_a, tracker);
    } });
    browserPlugins.forEach(function(p) {
      var _a;
      (_a = p.activateBrowserPlugin) === null || _a === void 0 ? void 0 : _a.call(p, tracker);
    });
    return tracker;
  }
  var namedTrackers = {};
  function dispatchToTrackers(trackers, fn) {
    try {
      getTrackers(trackers !== null && trackers !== void 0 ? trackers : allTrackerNames()).forEach(fn);
    } catch (ex) {
      LOG.error("Function failed", ex);
    }
  }
  function addTracker(trackerId, namespace, version2, endpoint, sharedState, configuration) {
    if (!namedTrackers.hasOwnProperty(trackerId)) {
      namedTrackers[trackerId] = Tracker(trackerId, namespace, version2, endpoint, sharedState, configuration);
      return namedTrackers[trackerId];
    }
    return null;
  }
  function getTracker(trackerId) {
    if (namedTrackers.hasOwnProperty(trackerId)) {
      return namedTrackers[trackerId];
    }
    LOG.warn(trackerId + " not configured");
    return null;
  }
  function getTrackers(trackerIds) {
    return getTrackersFromCollection(trackerIds, namedTrackers);
  }
  function allTrackerNames() {
    return Object.keys(namedTrackers);
  }
  function getTrackersFromCollection(trackerIds, trackerCollection) {
    var trackers = [];
    for (var _i = 0, trackerIds_1 = trackerIds; _i < trackerIds_1.length; _i++) {
      var id = trackerIds_1[_i];
      if (trackerCollection.hasOwnProperty(id)) {
        trackers.push(trackerCollection[id]);
      } else {
        LOG.warn(id + " not configured");
      }
    }
    return trackers;
  }
  var SharedState = (
    /** @class */
    /* @__PURE__ */ (function() {
      function SharedState2() {
        this.bufferFlushers = [];
        this.hasLoaded = false;
        this.registeredOnLoadHandlers = [];
      }
      return SharedState2;
    })()
  );
  function createSharedState() {
    var sharedState = new SharedState(), documentAlias = document, windowAlias = window;
    function visibilityChangeHandler() {
      if (documentAlias.visibilityState == "hidden") {
        sharedState.bufferFlushers.forEach(function(flusher) {
          flusher(false);
        });
      }
    }
    function flushBuffers() {
      sharedState.bufferFlushers.forEach(function(flusher) {
        flusher(false);
      });
    }
    function loadHandler() {
      var i;
      if (!sharedState.hasLoaded) {
        sharedState.hasLoaded = true;
        for (i = 0; i < sharedState.registeredOnLoadHandlers.length; i++) {
          sharedState.registeredOnLoadHandlers[i]();
        }
      }
      return true;
    }
    function addReadyListener() {
      if (documentAlias.addEventListener) {
        documentAlias.addEventListener("DOMContentLoaded", function ready() {
          documentAlias.removeEventListener("DOMContentLoaded", ready, false);
          loadHandler();
        });
      } else if (documentAlias.attachEvent) {
        documentAlias.attachEvent("onreadystatechange", function ready() {
          if (documentAlias.readyState === "complete") {
            documentAlias.detachEvent("onreadystatechange", ready);
            loadHandler();
          }
        });
      }
      addEventListener(windowAlias, "load", loadHandler, false);
    }
    if (documentAlias.visibilityState) {
      addEventListener(documentAlias, "visibilitychange", visibilityChangeHandler, false);
    }
    addEventListener(windowAlias, "beforeunload", flushBuffers, false);
    if (document.readyState === "loading") {
      addReadyListener();
    } else {
      loadHandler();
    }
    return sharedState;
  }

  // node_modules/@snowplow/browser-tracker/dist/index.module.js
  function newSession(trackers) {
    dispatchToTrackers(trackers, function(t) {
      t.newSession();
    });
  }
  function getDomainSessionId(trackerId) {
    var resolvedTrackerId = trackerId !== null && trackerId !== void 0 ? trackerId : allTrackerNames()[0];
    if (!resolvedTrackerId)
      return void 0;
    var tracker = getTracker(resolvedTrackerId);
    return tracker ? tracker.getDomainSessionId() : void 0;
  }
  function setReferrerUrl(url, trackers) {
    dispatchToTrackers(trackers, function(t) {
      t.setReferrerUrl(url);
    });
  }
  function setCustomUrl(url, trackers) {
    dispatchToTrackers(trackers, function(t) {
      t.setCustomUrl(url);
    });
  }
  function setDocumentTitle(title, trackers) {
    dispatchToTrackers(trackers, function(t) {
      t.setDocumentTitle(title);
    });
  }
  function discardHashTag(enable, trackers) {
    dispatchToTrackers(trackers, function(t) {
      t.discardHashTag(enable);
    });
  }
  function discardBrace(enable, trackers) {
    dispatchToTrackers(trackers, function(t) {
      t.discardBrace(enable);
    });
  }
  function setCookiePath(path, trackers) {
    dispatchToTrackers(trackers, function(t) {
      t.setCookiePath(path);
    });
  }
  function setVisitorCookieTimeout(timeout, trackers) {
    dispatchToTrackers(trackers, function(t) {
      t.setVisitorCookieTimeout(timeout);
    });
  }
  function crossDomainLinker(crossDomainLinkerCriterion, trackers) {
    dispatchToTrackers(trackers, function(t) {
      t.crossDomainLinker(crossDomainLinkerCriterion);
    });
  }
  function enableActivityTracking(configuration, trackers) {
    dispatchToTrackers(trackers, function(t) {
      t.enableActivityTracking(configuration);
    });
  }
  function enableActivityTrackingCallback(configuration, trackers) {
    dispatchToTrackers(trackers, function(t) {
      t.enableActivityTrackingCallback(configuration);
    });
  }
  function disableActivityTracking(trackers) {
    dispatchToTrackers(trackers, function(t) {
      t.disableActivityTracking();
    });
  }
  function disableActivityTrackingCallback(trackers) {
    dispatchToTrackers(trackers, function(t) {
      t.disableActivityTrackingCallback();
    });
  }
  function updatePageActivity(trackers) {
    dispatchToTrackers(trackers, function(t) {
      t.updatePageActivity();
    });
  }
  function setOptOutCookie(name, trackers) {
    dispatchToTrackers(trackers, function(t) {
      t.setOptOutCookie(name);
    });
  }
  function setUserId(userId, trackers) {
    dispatchToTrackers(trackers, function(t) {
      t.setUserId(userId);
    });
  }
  function setUserIdFromLocation(querystringField, trackers) {
    dispatchToTrackers(trackers, function(t) {
      t.setUserIdFromLocation(querystringField);
    });
  }
  function setUserIdFromReferrer(querystringField, trackers) {
    dispatchToTrackers(trackers, function(t) {
      t.setUserIdFromReferrer(querystringField);
    });
  }
  function setUserIdFromCookie(cookieName, trackers) {
    dispatchToTrackers(trackers, function(t) {
      t.setUserIdFromCookie(cookieName);
    });
  }
  function setCollectorUrl(collectorUrl, trackers) {
    dispatchToTrackers(trackers, function(t) {
      t.setCollectorUrl(collectorUrl);
    });
  }
  function setBufferSize(newBufferSize, trackers) {
    dispatchToTrackers(trackers, function(t) {
      t.setBufferSize(newBufferSize);
    });
  }
  function flushBuffer(configuration, trackers) {
    dispatchToTrackers(trackers, function(t) {
      t.flushBuffer(configuration);
    });
  }
  function trackPageView(event, trackers) {
    dispatchToTrackers(trackers, function(t) {
      t.trackPageView(event);
    });
  }
  function trackStructEvent(event, trackers) {
    dispatchToTrackers(trackers, function(t) {
      t.core.track(buildStructEvent(event), event.context, event.timestamp);
    });
  }
  function trackSelfDescribingEvent(event, trackers) {
    dispatchToTrackers(trackers, function(t) {
      t.core.track(buildSelfDescribingEvent({ event: event.event }), event.context, event.timestamp);
    });
  }
  function addGlobalContexts(contexts, trackers) {
    dispatchToTrackers(trackers, function(t) {
      t.core.addGlobalContexts(contexts);
    });
  }
  function removeGlobalContexts(contexts, trackers) {
    dispatchToTrackers(trackers, function(t) {
      t.core.removeGlobalContexts(contexts);
    });
  }
  function clearGlobalContexts(trackers) {
    dispatchToTrackers(trackers, function(t) {
      t.core.clearGlobalContexts();
    });
  }
  function preservePageViewId(trackers) {
    dispatchToTrackers(trackers, function(t) {
      t.preservePageViewId();
    });
  }
  function disableAnonymousTracking(configuration, trackers) {
    dispatchToTrackers(trackers, function(t) {
      t.disableAnonymousTracking(configuration);
    });
  }
  function enableAnonymousTracking(configuration, trackers) {
    dispatchToTrackers(trackers, function(t) {
      t.enableAnonymousTracking(configuration);
    });
  }
  function clearUserData(configuration, trackers) {
    dispatchToTrackers(trackers, function(t) {
      t.clearUserData(configuration);
    });
  }
  function addPlugin(configuration, trackers) {
    dispatchToTrackers(trackers, function(t) {
      t.addPlugin(configuration);
    });
  }
  var state = typeof window !== "undefined" ? createSharedState() : void 0;
  function newTracker(trackerId, endpoint, configuration) {
    if (state) {
      return addTracker(trackerId, trackerId, "js-".concat(version), endpoint, state, configuration);
    } else {
      return void 0;
    }
  }
  return __toCommonJS(stdin_exports);
})();
/*! Bundled license information:

@snowplow/tracker-core/dist/index.module.js:
  (*!
   * Core functionality for Snowplow JavaScript trackers v4.10.1 (http://bit.ly/sp-js)
   * Copyright 2022 Snowplow Analytics Ltd, 2010 Anthon Pang
   * Licensed under BSD-3-Clause
   *)

@snowplow/browser-tracker-core/dist/index.module.js:
  (*!
   * Core functionality for Snowplow Browser trackers v4.10.1 (http://bit.ly/sp-js)
   * Copyright 2022 Snowplow Analytics Ltd, 2010 Anthon Pang
   * Licensed under BSD-3-Clause
   *)

@snowplow/browser-tracker/dist/index.module.js:
  (*!
   * Browser tracker for Snowplow v4.10.1 (http://bit.ly/sp-js)
   * Copyright 2022 Snowplow Analytics Ltd, 2010 Anthon Pang
   * Licensed under BSD-3-Clause
   *)
*/
