using Tutelage.Recording;

namespace Tutelage.Practice.Eyes;

/// <summary>An element as it stands on the screen now.</summary>
/// <param name="Box">Screen pixels; may lie outside the window.</param>
/// <param name="Visible">Its middle can be clicked: nothing lies above it and no container cuts it off.</param>
/// <param name="ScrollNotches">Wheel notches until it should be in view (positive down), 0 if it is or no scrolling helps.</param>
/// <param name="ScrollOver">Where the wheel has to turn.</param>
public sealed record PageElement(string Role, string Name, ScreenRect Box, bool Visible, int ScrollNotches, ScreenRect ScrollOver);

/// <summary>Where a plant stands now, one box for each line and each place.</summary>
public sealed record PlantBoxes(string PlantId, IReadOnlyList<ScreenRect> Boxes);
