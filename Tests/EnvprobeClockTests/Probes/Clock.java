import java.util.concurrent.locks.LockSupport;

class Clock {
  public static void main(String[] arguments) {
    System.out.printf("now %.3f%n", System.currentTimeMillis() / 1000.0);
    long start = System.nanoTime();
    LockSupport.parkUntil(System.currentTimeMillis() + 300);
    System.out.printf("parked %d%n", (System.nanoTime() - start) / 1000000);
  }
}
