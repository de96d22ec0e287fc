// A voice note: the microphone, from start() to stop().

export class Recorder {
  /** Raises what the browser does if the microphone is not given. */
  static async start() {
    const stream = await navigator.mediaDevices.getUserMedia({ audio: true });
    return new Recorder(stream);
  }

  constructor(stream) {
    this.stream = stream;
    this.began = Date.now();
    this.pieces = [];
    this.recorder = new MediaRecorder(stream);
    this.recorder.ondataavailable = ({ data }) => this.pieces.push(data);
    this.recorder.start();
  }

  /** Whether this browser can, on this page. */
  static get possible() {
    return Boolean(navigator.mediaDevices?.getUserMedia && globalThis.MediaRecorder);
  }

  /** The sound so far. The microphone is given back. */
  async stop() {
    const stopped = new Promise((resolve) => (this.recorder.onstop = resolve));
    this.recorder.stop();
    await stopped;
    this.cancel();
    return new Blob(this.pieces, { type: this.recorder.mimeType });
  }

  cancel() {
    for (const track of this.stream.getTracks()) track.stop();
  }
}
