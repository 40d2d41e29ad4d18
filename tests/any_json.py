"""Any value that JSON can hold, mostly small, often nearly what a field should be."""

import math

from hypothesis import strategies as st

GUID = "8b3f0a5e-0000-4000-8000-00000000000a"
NEARLY: list[object] = [
    None,
    "",
    " ",
    "12",
    "12.0",
    "-0.5",
    "1E+300",
    "1e999",
    "NaN",
    "true",
    "0",
    "/Date(1455753600000)/",
    "/Date(99999999999999)/",
    "2026-11-23T10:15:00.1234567+01:00",
    "0001-01-01T00:00:00Z",
    "9999-12-31T23:59:59",
    "x" * 500,
    "half of a smiley: \ud83d",
    "\u0662",
    GUID,
    GUID.upper(),
    "00000000-0000-0000-0000-000000000000",
    12.0,
    1e300,
    math.nan,
    math.inf,
    10**400,
    -(2**63) - 1,
    {"results": None},
    {"results": [], "__next": "https://start.exactonline.nl/"},
    {"__deferred": {"uri": "https://start.exactonline.nl/"}},
]
_SCALARS = (
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats()
    | st.text(st.characters(), max_size=20)
    | st.sampled_from(NEARLY)
)
ANY_JSON = st.recursive(
    _SCALARS,
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(["code", "id", "results"]), inner)
    ),
    max_leaves=6,
)
