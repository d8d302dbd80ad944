namespace Tutelage.Practice;

/// <summary>A window manager that gives focus on click and does nothing else: no key bindings, no frames, no menus that could meet a participant's input.</summary>
internal static class OpenboxConfig
{
    public const string Xml = """
        <?xml version="1.0" encoding="UTF-8"?>
        <openbox_config xmlns="http://openbox.org/3.4/rc">
          <focus><focusNew>yes</focusNew><followMouse>no</followMouse></focus>
          <placement><policy>Smart</policy></placement>
          <theme><name>Clearlooks</name><animateIconify>no</animateIconify></theme>
          <desktops><number>1</number><popupTime>0</popupTime></desktops>
          <keyboard></keyboard>
          <mouse>
            <dragThreshold>8</dragThreshold>
            <context name="Client">
              <mousebind button="Left" action="Press"><action name="Focus"/><action name="Raise"/></mousebind>
              <mousebind button="Middle" action="Press"><action name="Focus"/><action name="Raise"/></mousebind>
              <mousebind button="Right" action="Press"><action name="Focus"/><action name="Raise"/></mousebind>
            </context>
          </mouse>
          <applications><application class="*"><decor>no</decor><focus>yes</focus></application></applications>
        </openbox_config>
        """;
}
