"""Where the columns that are filled by name stand in an event row."""

from __future__ import annotations

from whiteout.protocol.columns import EVENT_COLUMNS, EVENT_INDEX

WIDTH = len(EVENT_COLUMNS)

ETL_TSTAMP = EVENT_INDEX["etl_tstamp"]
COLLECTOR_TSTAMP = EVENT_INDEX["collector_tstamp"]
APP_ID = EVENT_INDEX["app_id"]
EVENT = EVENT_INDEX["event"]
EVENT_ID = EVENT_INDEX["event_id"]
V_COLLECTOR = EVENT_INDEX["v_collector"]
V_ETL = EVENT_INDEX["v_etl"]
USERAGENT = EVENT_INDEX["useragent"]
CONTEXTS = EVENT_INDEX["contexts"]
UNSTRUCT_EVENT = EVENT_INDEX["unstruct_event"]

USER_ID = EVENT_INDEX["user_id"]
USER_IPADDRESS = EVENT_INDEX["user_ipaddress"]
USER_FINGERPRINT = EVENT_INDEX["user_fingerprint"]
DOMAIN_USERID = EVENT_INDEX["domain_userid"]
DOMAIN_SESSIONIDX = EVENT_INDEX["domain_sessionidx"]
DOMAIN_SESSIONID = EVENT_INDEX["domain_sessionid"]
NETWORK_USERID = EVENT_INDEX["network_userid"]
REFR_DOMAIN_USERID = EVENT_INDEX["refr_domain_userid"]
REFR_DVCE_TSTAMP = EVENT_INDEX["refr_dvce_tstamp"]

DERIVED_CONTEXTS = EVENT_INDEX["derived_contexts"]

CREATED_TSTAMP = EVENT_INDEX["dvce_created_tstamp"]
SENT_TSTAMP = EVENT_INDEX["dvce_sent_tstamp"]
TRUE_TSTAMP = EVENT_INDEX["true_tstamp"]
DERIVED_TSTAMP = EVENT_INDEX["derived_tstamp"]
EVENT_SCHEMA = slice(EVENT_INDEX["event_vendor"], EVENT_INDEX["event_version"] + 1)

PAGE_URL = EVENT_INDEX["page_url"]
PAGE_PARTS = slice(EVENT_INDEX["page_urlscheme"], EVENT_INDEX["page_urlfragment"] + 1)
PAGE_HOST = EVENT_INDEX["page_urlhost"]
PAGE_QUERY = EVENT_INDEX["page_urlquery"]
REFERRER = EVENT_INDEX["page_referrer"]
REFERRER_PARTS = slice(EVENT_INDEX["refr_urlscheme"], EVENT_INDEX["refr_urlfragment"] + 1)
REFERRER_HOST = EVENT_INDEX["refr_urlhost"]
REFERRER_QUERY = EVENT_INDEX["refr_urlquery"]

MODE_DECLARED = EVENT_INDEX["mode_declared"]
MODE_INFERRED = EVENT_INDEX["mode_inferred"]
SERVER_ANONYMOUS = EVENT_INDEX["server_anonymous"]
SIGNAL = EVENT_INDEX["signal"]
REDACTED = EVENT_INDEX["redacted"]
VALIDATED = EVENT_INDEX["validated"]
COLLECTOR_DATE = EVENT_INDEX["collector_date"]
