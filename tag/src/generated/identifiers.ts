// Written by scripts/tag_identifiers.py from the identifier table. Do not edit.

/** Stands where a schema demands an id. */
export const ZERO_UUID = "00000000-0000-0000-0000-000000000000";

/** Parameters that an anonymous event may have, the session apart. */
export const ANONYMOUS_PARAMETERS = /^(?:ad_(?:ad|ba|ca)|aid|cd|co|cookie|cs|ctype|cv|cx|ds|dtm|e|eid|ev_\w+|lang|p|page|pp_\w+|refr|res|sa|se_\w+|sn|sp|st|stm|ti_\w+|tid|tna|tr_\w+|ttm|tv|tz|ue_\w+|url|vp)$/;

/** Parameters that an anonymous event has only with session tracking. */
export const SESSION_PARAMETERS = /^(?:sid|vid)$/;

/** Entities, by vendor and name, that are nothing but an identifier. */
export const IDENTIFYING_ENTITIES = /^iglu:(?:com\.google\.analytics\/cookies|com\.google\.ga4\/cookies|com\.google\.privacysandbox\/topics|com\.optimizely\/visitor|com\.optimizely\.optimizelyx\/summary|com\.snowplowanalytics\.snowplow\/(?:cross_navigation|geolocation_context|identity|pii_transformation)|com\.snowplowanalytics\.snowplow\.ecommerce\/user|org\.ietf\/(?:http_client_hints|http_cookie|http_header))\//;

/** Entities that are nothing but a session. */
export const SESSION_ENTITIES = /^iglu:(?:com\.snowplowanalytics\.snowplow\/client_session)\//;

/** What a member of a known entity is replaced by. */
export const ENTITY_FIELDS: Record<string, Record<string, string | null>> = {
  client_session: { userId: ZERO_UUID, previousSessionId: null },
  browser_context: { tabId: null },
};

/** Members of any JSON that hold an identifier: the names, without separators. */
export const IDENTIFYING_KEYS = /^(?:(?:aa|account|adu|appset|client|du|firstevent|ga|nu|previoussession|tab|tnu|u)id|(?:android|apple|open)idfa|appleidfv|authorization|birthday|creditcard|dateofbirth|dob|fp|iban|idfa|idfv|imei|ip|ipv|jwt|login|mac|mail|passwd|phone|pwd|remoteaddr|ssn|tel|givenname|(?:mac|postal)address|(?:mobile|passport)number|.*(?:(?:advertising|anonymous|click|customer|device|login|member|user|visitor)id|apikey|emailhash|fingerprint|password|secret|telephone|token|birthdate|(?:card|phone)number|(?:client|remote)ip|email|(?:email|ip|street)address|(?:family|first|full|last|sur|user)name))$/;
