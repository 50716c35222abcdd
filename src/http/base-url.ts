/** What is known of the address a request came in on. */
export type RequestAddress = {
  readonly host: string | undefined;
  readonly localAddress: string | undefined;
  readonly localPort: number | undefined;
};

/**
 * The URL of the root of the tree as this client reaches it, without a slash at its end: the configured one, else from the
 * Host header if that is a plain host and port, else from the socket. The header is the client's word and is printed on a
 * page, so anything but a name or an address is not believed.
 */
export function baseUrlOf(publicUrl: string | undefined, request: RequestAddress): string {
  if (publicUrl !== undefined) return publicUrl.replace(/\/+$/, '');
  if (request.host !== undefined && isHost(request.host)) return `http://${request.host.toLowerCase()}`;
  return `http://${socketHost(request)}`;
}

function isHost(text: string): boolean {
  const match = /^(?:([a-z0-9](?:[a-z0-9.-]{0,251}[a-z0-9])?)|\[[0-9a-f:.]{2,45}\])(?::(\d{1,5}))?$/i.exec(
    text,
  );
  return match !== null && (match[2] === undefined || Number(match[2]) <= 65_535);
}

function socketHost({ localAddress, localPort }: RequestAddress): string {
  if (localAddress === undefined || localPort === undefined) return 'localhost';
  const address = localAddress.replace(/^::ffff:(?=\d+\.)/, '').replace(/%.*$/, '');
  return `${address.includes(':') ? `[${address}]` : address}:${localPort}`;
}
