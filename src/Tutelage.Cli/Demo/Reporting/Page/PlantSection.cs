namespace Tutelage.Cli.Demo.Reporting.Page;

/// <summary>Each planted secret and where the search found it: with redaction off, and in what the product wrote. The values themselves are not here.</summary>
internal static class PlantSection
{
    public static Html Of(IReadOnlyList<ReportPlant> plants) => plants.Count == 0
        ? Html.FromTrusted("<p>Nothing was planted in this run.</p>")
        : Html.Of($"""
            <div class="scroll tall" tabindex="0" role="region" aria-label="Each secret">
              <table class="plants">
                <thead><tr><th scope="col">Secret</th><th scope="col">Where it stood</th><th scope="col">Participant</th><th scope="col">Without redaction</th><th scope="col">Afterwards</th></tr></thead>
                <tbody>{plants.Select(Row)}</tbody>
              </table>
            </div>
            """);

    private static Html Row(ReportPlant plant) => Html.Of($"""
        <tr>
          <th scope="row">{PageWords.PlantKind(plant.Kind)}{(plant.Format.Length > 0 && !plant.Format.Equals(plant.Kind, StringComparison.OrdinalIgnoreCase) ? Html.Of($""" <span class="quiet">{plant.Format}</span>""") : default)}</th>
          <td>{PageWords.PlantPlace(plant.Place)}</td>
          <td>{plant.Participant}</td>
          <td>{(plant.FoundWithout ? State(good: true, "found") : State(good: false, "not found: the search is blind here"))}</td>
          <td>{(plant.FoundIn.Count == 0 ? State(good: true, "nowhere") : Html.Of($"""{State(good: false, "found")}<ul class="places">{plant.FoundIn.Select(place => Html.Of($"<li>{place}</li>"))}</ul>"""))}</td>
        </tr>
        """);

    private static Html State(bool good, string words) => Html.Of($"""<span class="{(good ? "good" : "bad")}"><span class="mark" aria-hidden="true">{(good ? "✓" : "✕")}</span> {words}</span>""");
}
