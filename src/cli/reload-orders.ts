/** Registers what SIGHUP calls, as long as it is registered; the default would end the process. */
export function onReloadOrder(reload: () => void): () => void {
  process.on('SIGHUP', reload);
  return () => process.off('SIGHUP', reload);
}
