package android.view;

/** Double of Android's class: its name and signatures alone. */
public interface WindowManager {
  class LayoutParams {
    public CharSequence getTitle() {
      return "Privacy";
    }
  }
}
