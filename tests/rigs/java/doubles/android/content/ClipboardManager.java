package android.content;

/** Double of Android's class: its name and signatures alone. */
public class ClipboardManager {
  public ClipData getPrimaryClip() {
    return new ClipData();
  }
}
