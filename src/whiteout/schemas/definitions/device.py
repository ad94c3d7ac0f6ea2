"""Where a device is and what it is."""

from __future__ import annotations

from whiteout.protocol.iglu import SNOWPLOW as VENDOR
from whiteout.schemas.definitions.fields import (
    INT64,
    Field,
    flag,
    formatted,
    members,
    number,
    one_of,
    or_null,
    text,
    whole,
)

__all__ = ["SCHEMAS", "VENDOR"]

_POSITION = {"latitude": number(90, least=-90), "longitude": number(180, least=-180)}
_MOVEMENT = ("latitudeLongitudeAccuracy", "altitude", "altitudeAccuracy", "bearing", "speed")

_DEVICE = {
    "osType": text(),
    "osVersion": text(),
    "deviceManufacturer": text(),
    "deviceModel": text(),
}
_CARRIER = {"carrier": or_null(text())}
_ADVERTISING = ("openIdfa", "appleIdfa", "appleIdfv", "androidIdfa")
_NETWORK = one_of("mobile", "wifi", "offline")
_BYTES = or_null(whole(INT64))
_STATE = {
    **_CARRIER,
    **{name: or_null(text()) for name in _ADVERTISING},
    "networkType": or_null(_NETWORK),
    "networkTechnology": or_null(text()),
    "physicalMemory": _BYTES,
    "systemAvailableMemory": _BYTES,
    "appAvailableMemory": _BYTES,
    "availableStorage": _BYTES,
    "totalStorage": _BYTES,
    "batteryLevel": or_null(whole(100)),
    "batteryState": or_null(one_of("unplugged", "charging", "full")),
    "lowPowerMode": or_null(flag()),
}
_PLAIN_ADVERTISING = {name: text() for name in _ADVERTISING}

SCHEMAS: dict[str, Field] = {
    "geolocation_context/jsonschema/1-0-0": members(
        _POSITION, {name: number() for name in _MOVEMENT}
    ),
    "geolocation_context/jsonschema/1-1-0": members(
        _POSITION,
        {
            **{name: or_null(number()) for name in _MOVEMENT},
            "timestamp": or_null(whole(None, least=None)),
        },
    ),
    "mobile_context/jsonschema/1-0-0": members(_DEVICE, {**_CARRIER, **_PLAIN_ADVERTISING}),
    "mobile_context/jsonschema/1-0-1": members(
        _DEVICE,
        {
            **_CARRIER,
            **_PLAIN_ADVERTISING,
            "networkType": _NETWORK,
            "networkTechnology": text(),
        },
    ),
    "mobile_context/jsonschema/1-0-2": members(_DEVICE, _STATE),
    "mobile_context/jsonschema/1-0-3": members(
        _DEVICE,
        {
            **_STATE,
            "isPortrait": or_null(flag()),
            "resolution": or_null(text(20)),
            "scale": or_null(number(1000, least=0)),
            "language": or_null(text(8)),
            "appSetId": or_null(formatted("uuid")),
            "appSetIdScope": or_null(one_of("app", "developer")),
        },
    ),
}
"""Each schema by name, format and version."""
