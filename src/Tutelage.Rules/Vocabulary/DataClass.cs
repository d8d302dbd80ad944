namespace Tutelage.Rules;

/// <summary>What a grant names. The first four are files of a segment; the others are made from them and inherit from them.</summary>
public enum DataClass { Input, Text, Elements, Frames, Derived, Model }

/// <summary>Why something may be opened. There is no other purpose: personnel, performance and discipline have no spelling here.</summary>
public enum Purpose { Train, Evaluate, OwnView, Review, Incident }

/// <summary>What a person may ask for. No role opens recordings by itself. A representative is elected by the participants, may halt and see scope, and opens nothing.</summary>
public enum Role { Participant, Representative, Steward, Researcher, Auditor, Operator }

/// <summary>What an export is written as.</summary>
public enum ExportFormat
{
    /// <summary>AgentNet's training lines and pictures (docs/formats/agentnet.md).</summary>
    Agentnet,

    /// <summary>The shards themselves, which WebDataset readers take (docs/formats/data-set.md).</summary>
    Webdataset,
}

/// <summary>What a job may do with what a grant opens.</summary>
public enum JobKind
{
    /// <summary>Reduces segments to trajectories and seals one shard a person.</summary>
    DatasetBuild,

    /// <summary>Writes a data set for a holder outside our control.</summary>
    DatasetExport,
}
