class Probe {
  public static void main(String[] names) {
    for (int i = 1; i < names.length; i++)
      System.out.println(names[i] + "=" + (System.getenv(names[i]) == null ? "unset" : "set"));
  }
}
