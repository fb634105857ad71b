<?php
/**
 * Something is due: who sends it?
 *
 * @package MCI_Connector
 */

defined( 'ABSPATH' ) || exit;

/**
 * Wakes the sender: by Action Scheduler where WooCommerce brings it, else by WP-Cron. Both only wake; what is due stands
 * in our own tables, so a waking that gets lost costs minutes: a sweep comes every five.
 */
class MCI_Waker {

	const SEND   = 'mci_connector_send';
	const LATER  = 'mci_connector_send_later';
	const IMAGES = 'mci_connector_images';
	const SWEEP  = 'mci_connector_sweep';
	const GROUP  = 'mci-connector';
	const EVERY  = 300;

	/**
	 * Hooks to wake when this request ends.
	 *
	 * @var array<string,bool>
	 */
	private $due = array();

	/**
	 * Registers what WordPress must know in every request.
	 */
	public function listen() {
		add_filter( 'cron_schedules', array( $this, 'schedules' ) ); // phpcs:ignore WordPress.WP.CronInterval.CronSchedulesInterval
		add_action( 'init', array( $this, 'keep_sweeping' ), 20 );
		add_action( 'shutdown', array( $this, 'flush' ) );
	}

	/**
	 * Wakes when this request ends, once however often it is asked: by then all is noted.
	 *
	 * @param string $hook SEND or IMAGES.
	 */
	public function wake( $hook = self::SEND ) {
		$this->due[ $hook ] = true;
	}

	/**
	 * The end of the request.
	 */
	public function flush() {
		foreach ( array_keys( $this->due ) as $hook ) {
			$this->at( $hook, time() );
		}
		$this->due = array();
	}

	/**
	 * Wakes at a time; beyond the next sweep there is no need.
	 *
	 * @param string $hook Which.
	 * @param int    $when Seconds since 1970.
	 */
	public function at( $hook, $when ) {
		if ( $when > time() + self::EVERY ) {
			return;
		}
		if ( $this->has_action_scheduler() ) {
			// Its own `unique` also counts the action that runs just now, which may have looked before this was noted.
			$pending = as_get_scheduled_actions(
				array(
					'hook'     => $hook,
					'status'   => 'pending',
					'per_page' => 1,
				),
				'ids'
			);
			if ( ! $pending ) {
				as_schedule_single_action( $when, $hook, array(), self::GROUP );
			}
		} elseif ( ! wp_next_scheduled( $hook ) ) {
			wp_schedule_single_event( $when, $hook );
		}
	}

	/**
	 * Who runs it, for the status page.
	 *
	 * @return string
	 */
	public function runner() {
		return $this->has_action_scheduler() ? 'action-scheduler' : 'wp-cron';
	}

	/**
	 * The interval of the sweep.
	 *
	 * @param array<string,array<string,mixed>> $schedules Known ones.
	 * @return array<string,array<string,mixed>>
	 */
	public function schedules( $schedules ) {
		$schedules['mci_connector'] = array(
			'interval' => self::EVERY,
			'display'  => 'MCI Connector',
		);
		return $schedules;
	}

	/**
	 * Sees to the sweep.
	 */
	public function keep_sweeping() {
		if ( ! wp_next_scheduled( self::SWEEP ) ) {
			wp_schedule_event( time() + self::EVERY, 'mci_connector', self::SWEEP );
		}
	}

	/**
	 * Takes everything off the schedules.
	 */
	public static function stop() {
		foreach ( array( self::SEND, self::LATER, self::IMAGES, self::SWEEP ) as $hook ) {
			wp_clear_scheduled_hook( $hook );
			if ( function_exists( 'as_unschedule_all_actions' ) ) {
				as_unschedule_all_actions( $hook );
			}
		}
	}

	/**
	 * Whether Action Scheduler is there and ready.
	 *
	 * @return bool
	 */
	private function has_action_scheduler() {
		return function_exists( 'as_schedule_single_action' ) && did_action( 'action_scheduler_init' ) > 0;
	}
}
