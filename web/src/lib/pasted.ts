// What was pasted into the one box and has several lines: the screen that looks up many takes it from here, once. It stands in
// no address, so that it stays in no history of a browser.
let text = '';

export const keep = (pasted: string) => { text = pasted; };
export function take(): string {
  const was = text;
  text = '';
  return was;
}
