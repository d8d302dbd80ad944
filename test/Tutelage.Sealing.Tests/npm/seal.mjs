// node seal.mjs RECIPIENT PLAINTEXT SEALED: seals a file with the age-encryption package.
import { readFileSync, writeFileSync } from "node:fs";
import { Encrypter } from "age-encryption";

const [recipient, from, to] = process.argv.slice(2);
const encrypter = new Encrypter();
encrypter.addRecipient(recipient);
writeFileSync(to, await encrypter.encrypt(new Uint8Array(readFileSync(from))));
