"""Facts of the tracker protocol, as data (B.6, B-24, B-25)."""

from __future__ import annotations

CANONICAL = """
app_id string 255 aid
platform string 255 p
etl_tstamp ts - -
collector_tstamp ts! - -
dvce_created_tstamp ts - dtm
event string 128 e
event_id uuid! 36 eid
txn_id int - tid
name_tracker string 128 tna
v_tracker string 100 tv
v_collector string! 100 cv
v_etl string! 100 -
user_id string 255 uid
user_ipaddress string 128 ip
user_fingerprint string 128 fp
domain_userid string 128 duid
domain_sessionidx int - vid
network_userid string 128 nuid tnuid
geo_country string 2 -
geo_region string 3 -
geo_city string 75 -
geo_zipcode string 15 -
geo_latitude double - -
geo_longitude double - -
geo_region_name string 100 -
ip_isp string 100 -
ip_organization string 128 -
ip_domain string 128 -
ip_netspeed string 100 -
page_url string 10000 url
page_title string 2000 page
page_referrer string 10000 refr
page_urlscheme string 16 -
page_urlhost string 255 -
page_urlport int - -
page_urlpath string 3000 -
page_urlquery string 6000 -
page_urlfragment string 3000 -
refr_urlscheme string 16 -
refr_urlhost string 255 -
refr_urlport int - -
refr_urlpath string 6000 -
refr_urlquery string 6000 -
refr_urlfragment string 3000 -
refr_medium string 25 -
refr_source string 50 -
refr_term string 255 -
mkt_medium string 255 -
mkt_source string 255 -
mkt_term string 255 -
mkt_content string 500 -
mkt_campaign string 255 -
contexts json - co cx
se_category string 1000 ev_ca se_ca
se_action string 1000 ev_ac se_ac
se_label string 4096 ev_la se_la
se_property string 1000 ev_pr se_pr
se_value double - ev_va se_va
unstruct_event json - ue_pr ue_px
tr_orderid string 255 tr_id
tr_affiliation string 255 tr_af
tr_total double - tr_tt
tr_tax double - tr_tx
tr_shipping double - tr_sh
tr_city string 255 tr_ci
tr_state string 255 tr_st
tr_country string 255 tr_co
ti_orderid string 255 ti_id
ti_sku string 255 ti_sk
ti_name string 255 ti_na ti_nm
ti_category string 255 ti_ca
ti_price double - ti_pr
ti_quantity int - ti_qu
pp_xoffset_min int - pp_mix
pp_xoffset_max int - pp_max
pp_yoffset_min int - pp_miy
pp_yoffset_max int - pp_may
useragent string 1000 ua
br_name string 50 -
br_family string 50 -
br_version string 50 -
br_type string 50 -
br_renderengine string 50 -
br_lang string 255 lang
br_features_pdf bool - f_pdf
br_features_flash bool - f_fla
br_features_java bool - f_java
br_features_director bool - f_dir
br_features_quicktime bool - f_qt
br_features_realplayer bool - f_realp
br_features_windowsmedia bool - f_wma
br_features_gears bool - f_gears
br_features_silverlight bool - f_ag
br_cookies bool - cookie
br_colordepth string 12 cd
br_viewwidth int - vp
br_viewheight int - vp
os_name string 50 -
os_family string 50 -
os_manufacturer string 50 -
os_timezone string 255 tz
dvce_type string 50 -
dvce_ismobile bool - -
dvce_screenwidth int - res
dvce_screenheight int - res
doc_charset string 128 cs
doc_width int - ds
doc_height int - ds
tr_currency string 3 tr_cu
tr_total_base double - -
tr_tax_base double - -
tr_shipping_base double - -
ti_currency string 3 ti_cu
ti_price_base double - -
base_currency string 3 -
geo_timezone string 64 -
mkt_clickid string 1000 -
mkt_network string 64 -
etl_tags string 500 -
dvce_sent_tstamp ts - stm
refr_domain_userid string 128 -
refr_dvce_tstamp ts - -
derived_contexts json - -
domain_sessionid string 128 sid
derived_tstamp ts - -
event_vendor string 1000 -
event_name string 1000 -
event_format string 128 -
event_version string 128 -
event_fingerprint string 128 -
true_tstamp ts - ttm
"""
"""The columns in TSV order: name, type (`!` where a value is demanded), length, parameters.

Of several parameters of a column the last one wins (B-29, B-31).
"""

PAYLOAD_KEYS: dict[int, str] = {
    0: """
        ad_ad ad_ba ad_ca ad_uid aid cd co cookie cs ctype cx ds dtm duid e eid f_ag f_dir f_fla
        f_gears f_java f_pdf f_qt f_realp f_wma fp ip lang mac nuid p page pp_max pp_may pp_mix
        pp_miy refr res sa se_ac se_ca se_la se_pr se_va sn sp st ti_ca ti_cu ti_id ti_na ti_nm
        ti_pr ti_qu ti_sk tid tna tr_af tr_ci tr_co tr_cu tr_id tr_sh tr_st tr_tt tr_tx tv tz ue_na
        ue_pr ue_px uid url vid vp
    """,
    1: "ua",
    2: "tnuid",
    3: "stm sid",
    4: "ttm",
}
"""The members that each addition of `payload_data/1-0-*` brought (B-24)."""

PAYLOAD_COUNTS = {0: 75, 1: 76, 2: 77, 3: 79, 4: 80}
"""How many members each of these schemas has (B-23)."""

NEVER_MAPPED = frozenset(
    {"ad_ad", "ad_ba", "ad_ca", "ad_uid", "ctype", "mac", "sa", "sn", "sp", "st", "ue_na"}
)
"""In the schema, accepted and dropped (B-25)."""

QUERY_ONLY = frozenset({"cv", "ev_ca", "ev_ac", "ev_la", "ev_pr", "ev_va"})
"""Mapped, but not in the schema, so that only GET requests can carry them (B-25)."""
