// node open.mjs SECRET SEALED PLAINTEXT: opens a file sealed to a p256tag recipient. The age-encryption package reads the file, which has no p256tag identity
// of its own; @hpke/core opens the stanza. SECRET: the P-256 scalar in hex.
import { readFileSync, writeFileSync } from "node:fs";
import { CipherSuite, DhkemP256HkdfSha256, HkdfSha256 } from "@hpke/core";
import { Chacha20Poly1305 } from "@hpke/chacha20poly1305";
import { Decrypter } from "age-encryption";

const [secret, from, to] = process.argv.slice(2);
const label = new TextEncoder().encode("age-encryption.org/p256tag");
const suite = new CipherSuite({ kem: new DhkemP256HkdfSha256(), kdf: new HkdfSha256(), aead: new Chacha20Poly1305() });
const key = await suite.kem.deserializePrivateKey(Buffer.from(secret, "hex"));

const identity = {
  async unwrapFileKey(stanzas) {
    for (const stanza of stanzas) {
      const [type, , enc] = stanza.args;
      if (type !== "p256tag") continue;
      const recipient = await suite.createRecipientContext({ recipientKey: key, enc: Buffer.from(enc, "base64"), info: label });
      return new Uint8Array(await recipient.open(stanza.body));
    }
    return null;
  },
};

const decrypter = new Decrypter();
decrypter.addIdentity(identity);
writeFileSync(to, await decrypter.decrypt(new Uint8Array(readFileSync(from))));
