/**
 * Loaded into every child before its own program: when the channel to the supervisor closes,
 * because the supervisor is gone however it ended, the child ends too. It must not keep a program
 * alive that is done, so the channel does not count as work.
 */
const program = `
process.once('disconnect', () => {
  setTimeout(() => process.exit(1), 5000).unref();
  process.kill(process.pid, 'SIGTERM');
});
process.channel?.unref();
`;

/** Arguments of node that load it. */
export const PARENT_WATCH = [
  '--import',
  `data:text/javascript,${encodeURIComponent(program.trim())}`,
];
