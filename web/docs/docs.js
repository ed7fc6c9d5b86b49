/** The API, drawn from the running server's own description; nothing is asked of anybody else. */
window.SwaggerUIBundle({
  url: '/openapi.json',
  domNode: document.getElementById('app'),
  deepLinking: true,
  validatorUrl: null,
  defaultModelsExpandDepth: 0,
  docExpansion: 'list',
});
