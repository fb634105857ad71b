<?php
/**
 * What MCI must still hear, and when.
 *
 * @package MCI_Connector
 */

defined( 'ABSPATH' ) || exit;

/**
 * The rules of the queue; the table keeps it. Nothing leaves it before MCI has said that it has it.
 */
class MCI_Queue {

	/**
	 * Seconds for which a row is one process's own: longer than building and sending can take.
	 */
	const LEASE = 180;

	/**
	 * After so many tries a message waits its own time, even when MCI answers others: it may itself be the trouble.
	 */
	const PATIENCE = 3;

	/**
	 * Where it is kept.
	 *
	 * @var MCI_Queue_Table
	 */
	private $table;

	/**
	 * Constructor.
	 *
	 * @param MCI_Queue_Table $table Where it is kept.
	 */
	public function __construct( MCI_Queue_Table $table ) {
		$this->table = $table;
	}

	/**
	 * Notes a change; of several, the newest counts.
	 *
	 * @param int    $order_id The order; 0 for a test message.
	 * @param string $topic    What happened to it.
	 * @param int    $now      Now.
	 * @return bool Whether it is kept.
	 */
	public function note( $order_id, $topic, $now ) {
		return $this->table->note( $order_id, $topic, wp_generate_uuid4(), $now );
	}

	/**
	 * The next event that is due, taken for this process alone.
	 *
	 * @param int $now Now.
	 * @return array<string,mixed>|null
	 */
	public function next( $now ) {
		return $this->table->claim( wp_generate_uuid4(), $now, $now + self::LEASE );
	}

	/**
	 * What became of an event.
	 *
	 * @param array<string,mixed> $row     As next() gave it.
	 * @param MCI_Verdict         $verdict What MCI said.
	 * @param int                 $now     Now.
	 */
	public function settle( array $row, MCI_Verdict $verdict, $now ) {
		switch ( $verdict->kind ) {
			case MCI_Verdict::TAKEN:
				if ( ! $this->table->remove( $row['order_id'], $row['version'], $row['claim'] ) ) {
					$this->table->renew( $row['order_id'], $row['claim'], $now );
				}
				return;
			case MCI_Verdict::STOP: // It is no fault of the event's: it keeps its place and its tries.
				$this->back( $row, false, $row['attempts'], $now, 'stopped_' . $verdict->reason );
				return;
			case MCI_Verdict::GIVE_UP:
				$this->back( $row, true, $row['attempts'] + 1, $now, $verdict->reason );
				return;
			default:
				$attempts = $row['attempts'] + 1;
				$until    = $now + MCI_Backoff::wait( $attempts, $verdict->retry_after );
				$this->back( $row, MCI_Backoff::is_over( $row['waiting_since'], $now ), $attempts, $until, $verdict->reason );
		}
	}

	/**
	 * MCI does not answer: all that is due waits as long as the event that was tried.
	 *
	 * @param array<string,mixed> $row     The event that was tried last.
	 * @param MCI_Verdict         $verdict What came of it.
	 * @param int                 $now     Now.
	 */
	public function put_off( array $row, MCI_Verdict $verdict, $now ) {
		$this->table->put_off( $now, $now + MCI_Backoff::wait( $row['attempts'] + 1, $verdict->retry_after ), $verdict->reason );
	}

	/**
	 * MCI answers again: what waited for it only is due now.
	 *
	 * @param int $now Now.
	 */
	public function hurry( $now ) {
		$this->table->hurry( MCI_Verdict::AWAY, self::PATIENCE, $now );
	}

	/**
	 * A person asks to try all again, also what was given up.
	 *
	 * @param int $now Now.
	 */
	public function retry( $now ) {
		$this->table->retry( $now );
	}

	/**
	 * Forgets everything: there is nobody to tell.
	 */
	public function clear() {
		$this->table->clear();
	}

	/**
	 * How it stands: waiting, failed, oldest, next.
	 *
	 * @return array<string,int>
	 */
	public function counts() {
		return $this->table->counts();
	}

	/**
	 * What has a reason to be looked at, oldest first.
	 *
	 * @param int $limit How many.
	 * @return array<int,array<string,mixed>>
	 */
	public function troubles( $limit = 20 ) {
		return $this->table->troubles( $limit );
	}

	/**
	 * Gives a row back.
	 *
	 * @param array<string,mixed> $row      As next() gave it.
	 * @param bool                $failed   Given up.
	 * @param int                 $attempts Tries so far.
	 * @param int                 $until    Next try.
	 * @param string              $reason   Why.
	 */
	private function back( array $row, $failed, $attempts, $until, $reason ) {
		$this->table->give_back( $row['order_id'], $row['version'], $row['claim'], $failed, $attempts, $until, $reason );
	}
}
