// swagger.js - /docs: the API's description, with "Try it out". Nothing is asked of any other host: the validator that
// Swagger UI would call is off.
window.SwaggerUIBundle({
    url: "openapi.json",
    dom_id: "#swagger-ui",
    deepLinking: true,
    displayRequestDuration: true,
    tryItOutEnabled: true,
    validatorUrl: null,
});
