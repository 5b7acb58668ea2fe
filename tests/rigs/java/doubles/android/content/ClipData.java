package android.content;

/** Double of Android's class: its name and signatures alone. */
public class ClipData {
  public static class Item {
    public CharSequence getText() {
      return "copied words";
    }
  }

  public int getItemCount() {
    return 1;
  }

  public Item getItemAt(int index) {
    return new Item();
  }
}
