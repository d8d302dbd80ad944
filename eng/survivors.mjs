// Reads a Stryker report and prints one line a mutant that no test noticed: file, line, what was changed, into what.
import { readFileSync } from "node:fs";
const report = JSON.parse(readFileSync(process.argv[2], "utf8"));
let killed = 0, left = 0;
for (const [path, file] of Object.entries(report.files)) {
  for (const mutant of file.mutants) {
    if (mutant.status === "Killed" || mutant.status === "Timeout") killed++;
    if (mutant.status !== "Survived" && mutant.status !== "NoCoverage") continue;
    left++;
    const name = path.replace(/^.*\/src\//, "");
    console.log(`${name}:${mutant.location.start.line}  ${mutant.mutatorName} -> ${mutant.replacement.replace(/\s+/g, " ").slice(0, 100)}`);
  }
}
console.log(`${killed} killed, ${left} left`);
