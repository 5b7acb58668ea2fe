package android.widget;

/** Double of Android's class: its name and signatures alone. */
public class CompoundButton extends TextView {
  public CompoundButton(CharSequence text) {
    super(text);
  }

  public void setChecked(boolean checked) {
  }
}
