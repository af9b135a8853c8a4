"""The parameters of an address that say where a reader came from, and addresses without them."""

# Query parameters that say where a reader came from, never what is read. Sorted; `*` ends a prefix. A name that some
# site uses to select its article (ref, source, cid, id) must not be here: it would make one story of many.
TRACKING_PARAMETERS = (
    "_ga",
    "_gl",
    "_hs*",
    "at_*",
    "cmp",
    "cmpid",
    "dclid",
    "dm_i",
    "ef_id",
    "epik",
    "fb_action_ids",
    "fb_action_types",
    "fb_ref",
    "fb_source",
    "fbclid",
    "gad_source",
    "gbraid",
    "gclid",
    "gclsrc",
    "guccounter",
    "guce_referrer",
    "guce_referrer_sig",
    "hsa_*",
    "hsctatracking",
    "icid",
    "igsh",
    "igshid",
    "ito",
    "jsessionid",
    "li_fat_id",
    "maca",
    "mbid",
    "mc_cid",
    "mc_eid",
    "mkt_tok",
    "ml_subscriber",
    "ml_subscriber_hash",
    "msclkid",
    "mtm_*",
    "ncid",
    "ns_campaign",
    "ns_fee",
    "ns_linkname",
    "ns_mchannel",
    "ns_source",
    "ocid",
    "oly_anon_id",
    "oly_enc_id",
    "phpsessid",
    "piwik_*",
    "pk_*",
    "rb_clickid",
    "s_cid",
    "smid",
    "smtyp",
    "spm",
    "sref",
    "srnd",
    "trk_*",
    "ttclid",
    "twclid",
    "utm_*",
    "vero_conv",
    "vero_id",
    "wbraid",
    "wickedid",
    "wt_mc",
    "wt_zmc",
    "xtor",
    "yclid",
)

_TRACKING_NAMES = frozenset(name for name in TRACKING_PARAMETERS if not name.endswith("*"))
_TRACKING_PREFIXES = tuple(name[:-1] for name in TRACKING_PARAMETERS if name.endswith("*"))


def untracked_url(url: str) -> str:
    """Return an address without what says where a reader came from; all else stays as the publisher wrote it."""
    address, hash_mark, fragment = url.partition("#")
    address, mark, query = address.partition("?")
    address = without_tracking(address, ";") if ";" in address else address
    kept = without_tracking(query, "&")
    route = without_tracking(fragment, "&")
    return address + (mark + kept if kept else "") + (hash_mark + route if route else "")


def without_tracking(pairs: str, separator: str) -> str:
    """Return the parameters of a query or a path that are no tracking ones."""
    return separator.join(pair for pair in pairs.split(separator) if pair and not _is_tracking(pair))


def _is_tracking(pair: str) -> bool:
    name = pair.partition("=")[0].casefold()
    return name in _TRACKING_NAMES or name.startswith(_TRACKING_PREFIXES)
