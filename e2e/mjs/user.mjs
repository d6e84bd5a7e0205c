// One person on Matrix, told by lines of JSON what to do. It shares no code with
// the program under test: matrix-js-sdk, and vodozemac for encryption. It runs in
// the strictest mode that clients have: devices that their owner has not signed
// get no keys, and what they write is not shown.
//
// Each line of input is {"id", "op", …}; each gets {"id", "ok"} or {"id", "error"}.
// Every event of a room's timeline is told as {"event": …}, again when decrypted.
import { createInterface } from "node:readline";
import * as sdk from "matrix-js-sdk";
import { OnlySignedDevicesIsolationMode, VerificationPhase, VerificationRequestEvent } from "matrix-js-sdk/lib/crypto-api/index.js";

const quiet = { trace() {}, debug() {}, info() {}, warn() {}, error() {}, getChild() { return quiet; } };
for (const level of ["debug", "info", "warn", "log"]) console[level] = () => {};
const tell = (line) => process.stdout.write(JSON.stringify(line) + "\n");

let client;
let bound = { user: "", device: "" };

async function seen(event) {
    if (event.isEncrypted() && event.getType() === "m.room.encrypted" && !event.isDecryptionFailure()) return; // told when decrypted
    const line = {
        room: event.getRoomId(), id: event.getId(), sender: event.getSender(), type: event.getType(),
        state_key: event.getStateKey(), content: event.getContent(), ts: event.getTs(),
        encrypted: event.isEncrypted(), failed: event.isDecryptionFailure(), redacted: event.isRedacted(),
    };
    // The relation stands outside the encrypted part.
    line.relates_to = event.getWireContent()["m.relates_to"];
    if (line.encrypted && !line.failed) {
        const info = await client.getCrypto().getEncryptionInfoForEvent(event);
        line.shield = info?.shieldColour ?? -1;
    }
    tell({ event: line });
}

const ops = {
    async login({ url, user, password }) {
        const door = sdk.createClient({ baseUrl: url, logger: quiet });
        const got = await door.loginRequest({ type: "m.login.password", identifier: { type: "m.id.user", user }, password });
        client = sdk.createClient({ baseUrl: url, accessToken: got.access_token, userId: got.user_id, deviceId: got.device_id, logger: quiet });
        bound = { user: got.user_id, device: got.device_id };
        await client.initRustCrypto({ useIndexedDB: false });
        const crypto = client.getCrypto();
        crypto.setDeviceIsolationMode(new OnlySignedDevicesIsolationMode());
        client.on("Room.timeline", (event) => void seen(event));
        client.on("Event.decrypted", (event) => void seen(event));
        client.on("Room.redaction", (event) => void seen(event));
        const ready = new Promise((resolve) => client.on("sync", (state) => state === "PREPARED" && resolve()));
        await client.startClient({ initialSyncLimit: 50 });
        await ready;
        await crypto.bootstrapCrossSigning({
            authUploadDeviceSigningKeys: (send) => send({ type: "m.login.password", identifier: { type: "m.id.user", user }, password }),
        });
        return bound;
    },
    async room({ invite, settings, version, direct }) {
        const options = { preset: "private_chat", invite, is_direct: direct };
        if (version) options.room_version = version;
        if (settings) options.initial_state = [{ type: "m.room.encryption", state_key: "", content: { algorithm: "m.megolm.v1.aes-sha2", ...settings } }];
        const made = await client.createRoom(options);
        return made.room_id;
    },
    async send({ room, type, content }) {
        return (await client.sendEvent(room, type, content)).event_id;
    },
    async redact({ room, event }) {
        return (await client.redactEvent(room, event)).event_id;
    },
    async trust({ user, device }) {
        const status = await client.getCrypto().getDeviceVerificationStatus(user, device);
        return { signed: status?.signedByOwner ?? false };
    },
    // verify asks to verify a user in a room, and says how that ended.
    async verify({ user, room }) {
        const request = await client.getCrypto().requestVerificationDM(user, room);
        return await new Promise((resolve) => {
            const look = () => {
                if (request.phase === VerificationPhase.Cancelled) resolve({ ended: "cancelled", code: request.cancellationCode ?? "", by: request.cancellingUserId ?? "" });
                if (request.phase === VerificationPhase.Done) resolve({ ended: "done" });
            };
            request.on(VerificationRequestEvent.Change, look);
            look();
        });
    },
    async devices({ user }) {
        const map = await client.getCrypto().getUserDeviceInfo([user], true);
        return [...(map.get(user)?.keys() ?? [])];
    },
};

for await (const text of createInterface({ input: process.stdin })) {
    const { id, op, ...args } = JSON.parse(text);
    ops[op](args).then((ok) => tell({ id, ok }), (error) => tell({ id, error: String(error?.stack ?? error) }));
}
client?.stopClient();
process.exit(0);
