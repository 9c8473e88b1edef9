// redoc.js - /redoc: the API's description, to read.
window.Redoc.init(
    "openapi.json",
    { disableSearch: true, theme: { typography: { fontFamily: "system-ui, sans-serif" } } },
    document.getElementById("redoc"),
);
