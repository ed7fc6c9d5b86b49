import type { Frame } from '../wire/wire';

/** A WebSocket whose other end is the test. */
export class FakeSocket extends EventTarget {
  static opened: FakeSocket[] = [];
  static answersPings = true;
  sent: Frame[] = [];
  isClosed = false;

  constructor() {
    super();
    FakeSocket.opened.push(this);
  }

  static get latest(): FakeSocket {
    const socket = FakeSocket.opened.at(-1);
    if (!socket) throw new Error('nobody has connected');
    return socket;
  }

  send(text: string): void {
    const frame = JSON.parse(text) as Frame;
    this.sent.push(frame);
    if (frame.type === 'ping' && FakeSocket.answersPings) this.say({ type: 'pong' });
  }

  close(): void {
    this.isClosed = true;
  }

  accept(): void {
    this.dispatchEvent(new Event('open'));
  }

  say(frame: Frame): void {
    this.dispatchEvent(Object.assign(new Event('message'), { data: JSON.stringify(frame) }));
  }

  end(code: number): void {
    this.dispatchEvent(Object.assign(new Event('close'), { code }));
  }

  sentOf(type: string): Frame[] {
    return this.sent.filter((frame) => frame.type === type);
  }
}

export const openFake = () => new FakeSocket() as unknown as WebSocket;
