// A call to the concierge: WebRTC by WHIP (RFC 9725), audio both ways, events on a data channel.

const GATHER_MS = 1000;

/**
 * Events: `state` (detail: "connecting" | "live" | "ended"; with `reason` on the call), `event` (detail: one line of the
 * data channel). `peer` is the RTCPeerConnection, `level()` the microphone's loudness 0–1, `voice()` the concierge's.
 */
export class Call extends EventTarget {
  #token;
  #address = null;
  #microphone = null;
  #meters = null;

  constructor(token, { lang = null, iceServers = [] } = {}) {
    super();
    this.#token = token;
    this.lang = lang;
    this.iceServers = iceServers;
    this.state = "idle";
    this.reason = "";
    this.peer = null;
    this.sound = new Audio();
    this.sound.autoplay = true;
    this.leave = () => this.stop();
  }

  /** Why no call is possible on this page, or "". */
  static obstacle() {
    if (!window.isSecureContext) return "insecure";
    return navigator.mediaDevices?.getUserMedia && window.RTCPeerConnection ? "" : "unsupported";
  }

  async start() {
    this.#setState("connecting");
    addEventListener("pagehide", this.leave);
    try {
      this.#microphone = await navigator.mediaDevices.getUserMedia({
        audio: { echoCancellation: true, noiseSuppression: true, autoGainControl: true, channelCount: 1 },
      });
      await this.#connect();
    } catch (error) {
      this.reason = error.name === "NotAllowedError" ? "microphone" : "failed";
      this.detail = error.message;
      await this.stop();
    }
  }

  async #connect() {
    const peer = new RTCPeerConnection({ iceServers: this.iceServers.map((urls) => ({ urls })) });
    this.peer = peer;
    const [track] = this.#microphone.getAudioTracks();
    peer.addTransceiver(track, { direction: "sendrecv", streams: [this.#microphone] });
    const channel = peer.createDataChannel("events", { ordered: true });
    channel.onmessage = ({ data }) => {
      for (const line of data.split("\n")) {
        if (line.trim()) this.dispatchEvent(new CustomEvent("event", { detail: JSON.parse(line) }));
      }
    };
    peer.ontrack = ({ streams, track: voice }) => {
      const stream = streams[0] ?? new MediaStream([voice]);
      this.sound.srcObject = stream;
      this.sound.play().catch(() => {});
      this.#meters = new Meters(this.#microphone, stream);
    };
    peer.onconnectionstatechange = () => {
      if (peer.connectionState === "connected") this.#setState("live");
      if (["failed", "closed"].includes(peer.connectionState)) this.stop("lost");
    };
    await peer.setLocalDescription(await peer.createOffer());
    await gathered(peer);
    const query = this.lang ? `?lang=${this.lang}` : "";
    const answer = await fetch(`/v1/calls${query}`, {
      method: "POST",
      headers: { Authorization: `Bearer ${this.#token}`, "Content-Type": "application/sdp" },
      body: peer.localDescription.sdp,
    });
    const sdp = await answer.text();
    if (!answer.ok) throw new Error(JSON.parse(sdp).detail);
    this.#address = answer.headers.get("Location");
    if (this.state === "ended") this.#hangUp(); // stopped while we asked
    else await peer.setRemoteDescription({ type: "answer", sdp });
  }

  async stop(reason = "") {
    if (this.state === "ended") return;
    this.reason ||= reason;
    this.#setState("ended");
    removeEventListener("pagehide", this.leave);
    this.#microphone?.getTracks().forEach((track) => track.stop());
    this.#meters?.close();
    this.sound.srcObject = null;
    this.#hangUp(); // before the line is down, while the service still knows the call
    this.peer?.close();
  }

  #hangUp() {
    if (!this.#address) return;
    fetch(this.#address, { method: "DELETE", keepalive: true, headers: { Authorization: `Bearer ${this.#token}` } }).catch(() => {});
    this.#address = null;
  }

  level() {
    return this.#meters?.guest() ?? 0;
  }

  voice() {
    return this.#meters?.concierge() ?? 0;
  }

  #setState(state) {
    if (this.state === state) return;
    this.state = state;
    this.dispatchEvent(new CustomEvent("state", { detail: state }));
  }
}

/** The service takes a whole offer: wait for the candidates, but not for long. */
function gathered(peer) {
  if (peer.iceGatheringState === "complete") return undefined;
  return new Promise((resolve) => {
    setTimeout(resolve, GATHER_MS);
    peer.addEventListener("icegatheringstatechange", () => peer.iceGatheringState === "complete" && resolve());
  });
}

class Meters {
  constructor(guest, concierge) {
    this.context = new AudioContext();
    this.guest = this.#meter(guest);
    this.concierge = this.#meter(concierge);
  }

  #meter(stream) {
    const analyser = new AnalyserNode(this.context, { fftSize: 512 });
    this.context.createMediaStreamSource(stream).connect(analyser);
    const samples = new Float32Array(analyser.fftSize);
    return () => {
      analyser.getFloatTimeDomainData(samples);
      const rms = Math.sqrt(samples.reduce((sum, sample) => sum + sample * sample, 0) / samples.length);
      return Math.min(1, rms * 6);
    };
  }

  close() {
    this.context.close();
  }
}
