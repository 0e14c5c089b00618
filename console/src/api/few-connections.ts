/**
 * Whether the page came over HTTP/1.1, where a browser opens six connections to a server and each stream holds one. Six more are
 * for requests without cookies: streams take those, with a ticket in the cookie's place, so that all else goes on beside them.
 * HTTP/2 carries any number over one.
 */
export function hasFewConnections(): boolean {
  const [page] = performance.getEntriesByType('navigation');
  const protocol = page !== undefined && 'nextHopProtocol' in page ? String(page.nextHopProtocol) : '';
  return !/^h[23]/.test(protocol);
}
