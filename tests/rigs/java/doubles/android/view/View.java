package android.view;

/** Double of Android's class: its name and signatures alone. */
public class View {
  public Runnable listener;

  public boolean performClick() {
    if (listener != null) {
      listener.run();
    }
    return listener != null;
  }

  public CharSequence getContentDescription() {
    return null;
  }
}
