import { Agent, type Dispatcher, EnvHttpProxyAgent } from 'undici';
import { EspejoError, invariant } from '../core/errors.ts';
import { headLimits } from './head-limits.ts';

/** `http_proxy`, `https_proxy`, `no_proxy`, in either case; lower case wins, as with curl. */
export type ProxyEnvironment = Readonly<Record<string, string | undefined>>;

export type Dispatchers = {
  /** The connections to use for a URL: direct or through the proxy of its scheme. */
  for(url: URL): Dispatcher;
  destroy(): Promise<void>;
};

/**
 * Connection pools, direct and proxied. As with aptly (Go), loopback is never proxied and https only by `https_proxy`.
 * HTTP/1.1 only: several connections carry a mirror's traffic better than one, and truncation shows in each.
 * @throws E_CONFIG_INVALID when a proxy is not a URL
 */
export function createDispatchers(options: {
  readonly connections: number;
  readonly timeoutMs: number;
  readonly env: ProxyEnvironment;
}): Dispatchers {
  const { connections, timeoutMs, env } = options;
  const settings = {
    connections,
    allowH2: false,
    connectTimeout: timeoutMs,
    headersTimeout: timeoutMs,
    bodyTimeout: timeoutMs,
    maxHeaderSize: 16_384,
  };
  const httpProxy = proxyOf(env, 'http_proxy');
  const httpsProxy = proxyOf(env, 'https_proxy');
  const pools: Dispatcher[] = [new Agent(settings)];
  if (httpProxy !== '' || httpsProxy !== '')
    pools.push(
      new EnvHttpProxyAgent({ ...settings, httpProxy, httpsProxy, noProxy: variable(env, 'no_proxy') }),
    );
  const limits = headLimits(timeoutMs);
  const [direct, proxied = direct] = pools.map((pool) => pool.compose(limits));
  invariant(direct !== undefined && proxied !== undefined, 'there is a pool of direct connections');
  return {
    for(url) {
      const proxy = url.protocol === 'https:' ? httpsProxy : httpProxy;
      return proxy === '' || isLoopback(url.hostname) ? direct : proxied;
    },
    async destroy() {
      await Promise.all(pools.map((pool) => pool.destroy()));
    },
  };
}

function proxyOf(env: ProxyEnvironment, name: string): string {
  const value = variable(env, name);
  if (value === '') return '';
  const url = URL.parse(value.includes('://') ? value : `http://${value}`);
  if (url === null || (url.protocol !== 'http:' && url.protocol !== 'https:')) {
    throw new EspejoError(
      'E_CONFIG_INVALID',
      `the environment variable ${name} is not the URL of an HTTP proxy`,
      {
        hint: `write it as ${name}=http://host:port`,
      },
    );
  }
  return url.href;
}

function variable(env: ProxyEnvironment, name: string): string {
  return (env[name] ?? env[name.toUpperCase()] ?? '').trim();
}

function isLoopback(hostname: string): boolean {
  return hostname === 'localhost' || hostname === '[::1]' || /^127(\.\d{1,3}){3}$/.test(hostname);
}
