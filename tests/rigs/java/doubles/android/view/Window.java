package android.view;

/** Double of Android's class: its name and signatures alone. */
public class Window {
  public WindowManager.LayoutParams getAttributes() {
    return new WindowManager.LayoutParams();
  }
}
