// An OpenID provider on a free loopback port. Argument: {"client_id", "jwk"}, the client and its public key.
// Prints one line {"token_url"} when ready; GET /reasons tells why the requests so far were refused. Ends with its stdin.
import http from 'node:http';
import Provider from 'oidc-provider';

const TOKEN_PATH = '/contoso.com/oauth2/v2.0/token';
const { client_id, jwk } = JSON.parse(process.argv[2]);
const reasons = [];

const server = http.createServer();
server.listen(0, '127.0.0.1', () => {
  const origin = `http://127.0.0.1:${server.address().port}`;
  const provider = new Provider(origin, {
    clients: [{
      client_id,
      token_endpoint_auth_method: 'private_key_jwt',
      grant_types: ['client_credentials'],
      redirect_uris: [],
      response_types: [],
      jwks: { keys: [jwk] },
    }],
    clockTolerance: 0,
    enabledJWA: { clientAuthSigningAlgValues: ['PS256', 'RS256'] },
    features: { clientCredentials: { enabled: true }, devInteractions: { enabled: false } },
    routes: { token: TOKEN_PATH },
    scopes: ['https://graph.microsoft.com/.default'],
    cookies: { keys: ['judge'] },
  });
  provider.on('grant.error', (ctx, error) => {
    reasons.push([error.error, error.error_detail, error.cause?.message].filter(Boolean).join(': '));
  });
  provider.on('server_error', (ctx, error) => reasons.push(`server_error: ${error.stack}`));
  const answer = provider.callback();
  server.on('request', (request, response) => {
    if (request.url !== '/reasons') return answer(request, response);
    response.setHeader('Content-Type', 'application/json');
    return response.end(JSON.stringify(reasons));
  });
  console.log(JSON.stringify({ token_url: `${origin}${TOKEN_PATH}` }));
});
process.stdin.resume().on('end', () => process.exit(0));
